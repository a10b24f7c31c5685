"""The root certificates and chains inside charge points, as they told and as we installed them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class InstalledCertificate(models.Model):
    """A certificate inside a charge point, named by OCPP's hash data; `children` are those below a V2G one.

    `removed_at` is set when it was deleted, or when a full inventory no longer names it.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="installed_certificates", verbose_name=_("charge point")
    )
    certificate_type = models.CharField(_("type"), max_length=30)
    hash_algorithm = models.CharField(_("hash"), max_length=6)
    issuer_name_hash = models.CharField(_("issuer's name (hash)"), max_length=128)
    issuer_key_hash = models.CharField(_("issuer's key (hash)"), max_length=128)
    serial_number = models.CharField(_("serial number"), max_length=40)
    children = models.JSONField(_("certificates below it"), default=list, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    certificate_pem = models.TextField(_("certificate"), blank=True)
    not_after = models.DateTimeField(_("valid until"), null=True, blank=True)
    installed_by_us = models.BooleanField(_("installed from here"), default=False)
    first_seen_at = models.DateTimeField(_("first seen"))
    reported_at = models.DateTimeField(_("last reported"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = ChargePointQuerySet["InstalledCertificate"].as_manager()

    class Meta:
        verbose_name = _("installed certificate")
        verbose_name_plural = _("installed certificates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "charge_point",
                    "certificate_type",
                    "hash_algorithm",
                    "issuer_name_hash",
                    "issuer_key_hash",
                    "serial_number",
                ],
                name="installed_certificate_once",
            )
        ]
        indexes = [models.Index(fields=["charge_point", "removed_at"])]

    def __str__(self) -> str:
        return self.subject or f"{self.certificate_type} {self.serial_number}"
