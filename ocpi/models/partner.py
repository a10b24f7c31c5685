"""Partners: the other side of a registration, its endpoints and both tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import Organization


class PartnerStatus(models.TextChoices):
    """Whether we talk to the partner."""

    ACTIVE = "ACTIVE", _("active")
    INACTIVE = "INACTIVE", _("inactive")
    SUSPENDED = "SUSPENDED", _("suspended")


class Partner(TimeStamped):
    """A registered platform, shown as "DE-ABC".

    `token_in_digest` recognises what it presents (keyed digest), `token_out` is what we present (encrypted).
    After a rotation the older token stays good until the first use of the new one.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="partners", verbose_name=_("organisation")
    )
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    name = models.CharField(_("name"), max_length=100, blank=True)
    roles = models.JSONField(_("roles"), default=list)
    status = models.CharField(
        _("status"), max_length=10, choices=PartnerStatus.choices, default=PartnerStatus.ACTIVE
    )
    version = models.CharField(_("OCPI version"), max_length=8, blank=True)
    versions_url = models.URLField(_("versions URL"), max_length=255, blank=True)
    token_in_digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    previous_token_in_digest = models.CharField(
        max_length=64, unique=True, null=True, blank=True, editable=False
    )
    token_out = EncryptedTextField(blank=True, editable=False)
    token_form = models.CharField(_("token form"), max_length=6, default="base64")
    registered_at = models.DateTimeField(_("registered"), null=True, blank=True)
    last_contact = models.DateTimeField(_("last contact"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)

    objects = VisibleQuerySet["Partner"].as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["country_code", "party_id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "country_code", "party_id"], name="partner_once")
        ]

    def __str__(self) -> str:
        return f"{self.country_code}-{self.party_id}"


class PartnerEndpoint(models.Model):
    """One module endpoint that the partner published (OCPI 2.2.1 §6.2)."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="endpoints", verbose_name=_("partner"))
    identifier = models.CharField(_("module"), max_length=30)
    role = models.CharField(_("interface"), max_length=8)
    url = models.URLField(_("URL"), max_length=255)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["identifier", "role"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "identifier", "role"], name="endpoint_once")
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.role}"
