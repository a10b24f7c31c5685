"""Certificates of charge points: what they asked to be signed, and what our authorities issued."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.certificate_authority import CertificateAuthority
from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class CertificateKind(models.TextChoices):
    """What a charge point's own certificate is for (2.1 CertificateSigningUseEnumType)."""

    CHARGING_STATION = "ChargingStationCertificate", _("connection to us")
    V2G = "V2GCertificate", _("cars, ISO 15118-2")
    V2G_20 = "V2G20Certificate", _("cars, ISO 15118-20")


class IssuedState(models.TextChoices):
    """The life of an issued certificate; the last four are final."""

    ISSUED = "issued", _("issued, not delivered")
    ACCEPTED = "accepted", _("taken, not used yet")
    ACTIVE = "active", _("in use")
    SUPERSEDED = "superseded", _("superseded")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


class IssuedCertificate(models.Model):
    """A certificate that one of our authorities signed for a charge point.

    `accepted`: the charge point took it. `active`: it connected with it (or, for cars, took it); the one
    before is then superseded. A rejected one is revoked, with the reason.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="issued_certificates", verbose_name=_("charge point")
    )
    authority = models.ForeignKey(
        CertificateAuthority, models.PROTECT, related_name="issued", verbose_name=_("authority")
    )
    certificate_type = models.CharField(_("for"), max_length=30, choices=CertificateKind.choices)
    both_uses = models.BooleanField(_("for us and for cars"), default=False)
    state = models.CharField(
        _("state"), max_length=12, choices=IssuedState.choices, default=IssuedState.ISSUED
    )
    serial_number = models.CharField(_("serial number"), max_length=40)
    fingerprint = models.CharField(_("fingerprint (SHA-256)"), max_length=64, unique=True)
    subject = models.CharField(_("subject"), max_length=255)
    key_kind = models.CharField(_("key"), max_length=20)
    certificate_pem = models.TextField(_("certificate"))
    csr_digest = models.CharField(max_length=64)
    request_id = models.BigIntegerField(_("request id"), null=True, blank=True)
    tunnelled = models.BooleanField(_("through DataTransfer"), default=False)
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    renew_at = models.DateTimeField(_("renewal due"))
    renewal_due = models.BooleanField(_("renewal is due"), default=False)
    renewal_asked_at = models.DateTimeField(_("renewal asked for"), null=True, blank=True)
    command = models.ForeignKey(
        Command,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("delivered by"),
    )
    reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    issued_at = models.DateTimeField(_("issued"))
    accepted_at = models.DateTimeField(_("taken"), null=True, blank=True)
    proved_at = models.DateTimeField(_("first used"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ChargePointQuerySet["IssuedCertificate"].as_manager()

    class Meta:
        verbose_name = _("issued certificate")
        verbose_name_plural = _("issued certificates")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "certificate_type", "state"]),
            models.Index(fields=["state", "renew_at"]),
            models.Index(fields=["state", "not_after"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_certificate_type_display()} {self.serial_number[:12]}"


class SigningRequest(models.Model):
    """A SignCertificate as it came: what was asked for, and what we made of it."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="signing_requests", verbose_name=_("charge point")
    )
    certificate_type = models.CharField(_("for"), max_length=30, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    key_kind = models.CharField(_("key"), max_length=20, blank=True)
    csr = models.TextField(_("signing request (CSR)"))
    request_id = models.BigIntegerField(_("request id"), null=True, blank=True)
    tunnelled = models.BooleanField(_("through DataTransfer"), default=False)
    status = models.CharField(_("answered"), max_length=10)
    reason = models.CharField(_("why not"), max_length=200, blank=True)
    certificate = models.ForeignKey(
        IssuedCertificate,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("issued certificate"),
    )
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["SigningRequest"].as_manager()

    class Meta:
        verbose_name = _("signing request")
        verbose_name_plural = _("signing requests")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "-id"])]

    def __str__(self) -> str:
        return f"{self.subject or self.pk}"
