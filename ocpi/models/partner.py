"""Partners: the other side of a registration, its endpoints and the tokens that it presents."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import TimeStamped, VisibleQuerySet
from emobility.lib.outlets import Outlet
from registry.models import Organization, Party


class PartnerStatus(models.TextChoices):
    """Whether we talk to it: INACTIVE is not registered (any more), SUSPENDED is registered and refused."""

    ACTIVE = "ACTIVE", _("active")
    INACTIVE = "INACTIVE", _("inactive")
    SUSPENDED = "SUSPENDED", _("suspended")


class TokenForm(models.TextChoices):
    """How a credentials token stands in the Authorization header (OCPI 2.2.1 §4.1.2)."""

    BASE64 = "base64", _("Base64")
    RAW = "raw", _("as it is")


class Partner(TimeStamped, Outlet):
    """A registered platform, shown as "DE-ABC" by its first role.

    `roles` are the credentials roles as received; `parties` are the same as rows, by which owners and the
    receivers of a token's sessions are found. `pinned_roles` are those that were agreed on, each as [role,
    country code, party id]; what the partner names beyond them waits in `proposed_roles` (as received).
    `token_out` is what we present (encrypted), `token_form` how we write it, `token_form_seen` how the
    partner writes its own. `leniency` holds the switches of ocpi/core/leniency.py that differ from the usual;
    `requests_per_minute` and `rotation_days` are the settings' where they are empty. `failures`,
    `paused_until`, `draining_until` are the circuit breaker and the single drainer of its outbox.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="partners", verbose_name=_("organisation")
    )
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    name = models.CharField(_("name"), max_length=100, blank=True)
    roles = models.JSONField(_("roles"), default=list)
    parties = models.ManyToManyField(Party, blank=True, related_name="partners", verbose_name=_("parties"))
    status = models.CharField(
        _("status"), max_length=10, choices=PartnerStatus.choices, default=PartnerStatus.ACTIVE
    )
    version = models.CharField(_("OCPI version"), max_length=8, blank=True)
    versions_url = models.URLField(_("versions URL"), max_length=255, blank=True)
    token_out = EncryptedTextField(blank=True, editable=False)
    token_form = models.CharField(
        _("form of our token"), max_length=6, choices=TokenForm.choices, default=TokenForm.BASE64
    )
    token_form_seen = models.CharField(
        _("form of its token"), max_length=6, choices=TokenForm.choices, blank=True, editable=False
    )
    hub_party_id = models.CharField(_("hub party"), max_length=5, blank=True)
    pinned_roles = models.JSONField(_("agreed roles"), default=list, blank=True)
    proposed_roles = models.JSONField(_("roles that wait for approval"), default=list, blank=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    leniency = models.JSONField(_("leniency"), default=dict, blank=True)
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), null=True, blank=True)
    rotation_days = models.PositiveSmallIntegerField(_("days between rotations"), null=True, blank=True)
    rotation_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    handshake = models.CharField(max_length=40, blank=True, editable=False)
    """Of its registration: by this its messages are found."""
    registered_at = models.DateTimeField(_("registered"), null=True, blank=True)
    last_contact = models.DateTimeField(_("last contact"), null=True, blank=True)

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

    @property
    def is_hub(self) -> bool:
        """True where it speaks for others: a role HUB (until 2.2.1) or a hub party (from 2.3.0 on)."""
        return bool(self.hub_party_id) or any(role.get("role") == "HUB" for role in self.roles)


class PartnerEndpointQuerySet(VisibleQuerySet["PartnerEndpoint"]):
    """Endpoints belong to an organisation through their partner."""

    organization_path = "partner__organization_id"


class PartnerEndpoint(models.Model):
    """One module endpoint that the partner published (OCPI 2.2.1 §6.2)."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="endpoints", verbose_name=_("partner"))
    identifier = models.CharField(_("module"), max_length=64)
    role = models.CharField(_("interface"), max_length=8)
    url = models.URLField(_("URL"), max_length=255)

    objects = PartnerEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["identifier", "role"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "identifier", "role"], name="endpoint_once")
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.role}"


class PartnerToken(models.Model):
    """A token that a partner may present, as a keyed digest.

    A rotation leaves the older one good until the first use of the newer one, at most until `expires_at`.
    Without a partner it belongs to a registration of ours that is under way: it opens versions and version
    details only.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(
        Partner, models.CASCADE, null=True, blank=True, related_name="tokens", verbose_name=_("partner")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    handshake = models.CharField(max_length=40, blank=True, editable=False)

    objects = VisibleQuerySet["PartnerToken"].as_manager()

    class Meta:
        verbose_name = _("partner's token")
        verbose_name_plural = _("partners' tokens")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
