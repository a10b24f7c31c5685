"""Certificate authorities: an organisation's own, which sign for charge points, and those that it trusts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import Organization


class AuthorityUse(models.TextChoices):
    """For which certificates an authority signs."""

    CHARGING_STATION = "charging_station", _("connections to us (ChargingStationCertificate)")
    V2G = "v2g", _("cars (V2GCertificate)")


class Padding(models.TextChoices):
    """How an RSA authority signs; elliptic curves have no choice."""

    PSS = "pss", _("RSA-PSS (recommended)")
    PKCS1 = "pkcs1", _("PKCS #1 v1.5 (older charge points)")


class CertificateAuthority(TimeStamped):
    """A signing key with its certificate; of each use an organisation has one that signs, others are kept.

    `chain_pem` are the certificates above it, nearest first. Without a key it only proves what somebody
    else issued. The key is encrypted at rest and never leaves the platform.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="certificate_authorities", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=64)
    use = models.CharField(
        _("signs for"), max_length=20, choices=AuthorityUse.choices, default=AuthorityUse.CHARGING_STATION
    )
    subject_organization = models.CharField(_("organisation name in certificates (O)"), max_length=64)
    certificate_pem = models.TextField(_("certificate"), editable=False)
    chain_pem = models.TextField(_("certificates above it"), blank=True, editable=False)
    private_key = EncryptedTextField(blank=True, editable=False)
    has_key = models.BooleanField(_("has its key"), default=False, editable=False)
    fingerprint = models.CharField(_("fingerprint (SHA-256)"), max_length=64, editable=False)
    key_kind = models.CharField(_("key"), max_length=20, editable=False)
    not_before = models.DateTimeField(_("valid from"), editable=False)
    not_after = models.DateTimeField(_("valid until"), editable=False)
    validity_days = models.PositiveIntegerField(_("certificates are valid for (days)"), default=365)
    renew_days = models.PositiveIntegerField(_("renewal is due before the end (days)"), default=30)
    renew_automatically = models.BooleanField(_("ask charge points to renew"), default=False)
    key_types = models.JSONField(_("key types that it signs"), default=list)
    padding = models.CharField(
        _("RSA signatures"), max_length=8, choices=Padding.choices, default=Padding.PSS
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = VisibleQuerySet["CertificateAuthority"].as_manager()

    class Meta:
        verbose_name = _("certificate authority")
        verbose_name_plural = _("certificate authorities")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "use"],
                condition=models.Q(retired_at=None, has_key=True),
                name="one_signing_authority_per_use",
            ),
            models.UniqueConstraint(fields=["organization", "fingerprint"], name="authority_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def signs(self) -> bool:
        """True while it answers signing requests."""
        return self.has_key and self.retired_at is None


class CertificateUse(models.TextChoices):
    """The root certificates that OCPP knows (2.1 InstallCertificateUseEnumType), in 2.x words."""

    CSMS = "CSMSRootCertificate", _("this platform (CSMSRootCertificate)")
    MANUFACTURER = "ManufacturerRootCertificate", _("firmware (ManufacturerRootCertificate)")
    V2G = "V2GRootCertificate", _("cars and charge points (V2GRootCertificate)")
    MO = "MORootCertificate", _("contracts (MORootCertificate)")
    OEM = "OEMRootCertificate", _("cars (OEMRootCertificate)")


class TrustedCertificate(TimeStamped):
    """A foreign CA certificate that the organisation trusts: to install, and to judge contracts by."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="trusted_certificates", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=64)
    certificate_type = models.CharField(_("for"), max_length=30, choices=CertificateUse.choices)
    certificate_pem = models.TextField(
        _("certificate (PEM)"), help_text=_("One CA certificate, beginning with -----BEGIN CERTIFICATE-----.")
    )
    fingerprint = models.CharField(_("fingerprint (SHA-256)"), max_length=64, editable=False)
    subject = models.CharField(_("subject"), max_length=255, editable=False)
    not_after = models.DateTimeField(_("valid until"), editable=False)

    objects = VisibleQuerySet["TrustedCertificate"].as_manager()

    class Meta:
        verbose_name = _("trusted certificate")
        verbose_name_plural = _("trusted certificates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "certificate_type", "fingerprint"], name="trusted_certificate_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
