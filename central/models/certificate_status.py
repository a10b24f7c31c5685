"""Plug and charge: what was asked of us about certificates and contracts, and what responders said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet, VisibleQuerySet
from registry.models import ChargePoint, Organization


class StatusWord(models.TextChoices):
    """The revocation status of a certificate (2.1 CertificateStatusEnumType)."""

    GOOD = "Good", _("good")
    REVOKED = "Revoked", _("revoked")
    UNKNOWN = "Unknown", _("unknown to the responder")
    FAILED = "Failed", _("no answer that can be trusted")


class CertificateStatus(models.Model):
    """What a responder (OCSP) or a list (CRL) said of a certificate: verified, good until `next_update`."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="certificate_statuses", verbose_name=_("organisation")
    )
    source = models.CharField(_("source"), max_length=4)
    hash_algorithm = models.CharField(_("hash"), max_length=6)
    issuer_name_hash = models.CharField(_("issuer's name (hash)"), max_length=128)
    issuer_key_hash = models.CharField(_("issuer's key (hash)"), max_length=128)
    serial_number = models.CharField(_("serial number"), max_length=40)
    url = models.CharField(_("asked at"), max_length=2000)
    status = models.CharField(_("status"), max_length=8, choices=StatusWord.choices)
    answer = models.TextField(_("answer (DER, base64)"), blank=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    this_update = models.DateTimeField(_("as of"), null=True, blank=True)
    next_update = models.DateTimeField(_("good until"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked"))

    objects = VisibleQuerySet["CertificateStatus"].as_manager()

    class Meta:
        verbose_name = _("certificate status")
        verbose_name_plural = _("certificate statuses")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "organization",
                    "source",
                    "hash_algorithm",
                    "issuer_name_hash",
                    "issuer_key_hash",
                    "serial_number",
                ],
                name="certificate_status_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.serial_number}"


class PlugAndChargeRequest(models.Model):
    """A question about a certificate or a contract on behalf of a car, with our answer.

    `digest` is that of the question: repeats are known by it. `remaining` counts contracts that the car may
    still fetch (2.1 M01.FR.04).
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="plug_and_charge_requests", verbose_name=_("charge point")
    )
    kind = models.CharField(_("message"), max_length=40)
    message_id = models.CharField(_("message id"), max_length=36)
    digest = models.CharField(max_length=64)
    details = models.JSONField(_("question"), default=dict)
    status = models.CharField(_("answered"), max_length=30, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    remaining = models.PositiveIntegerField(_("contracts that remain"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(_("took (ms)"), default=0)
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["PlugAndChargeRequest"].as_manager()

    class Meta:
        verbose_name = _("plug and charge request")
        verbose_name_plural = _("plug and charge requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "-id"]),
            models.Index(fields=["charge_point", "message_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}".strip()
