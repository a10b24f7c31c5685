"""Charge point identities: who may enrol, authenticate and connect."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.organization import Organization
from registry.models.site import Site


class RegistrationStatus(models.TextChoices):
    """Whether the identity may be used."""

    REGISTERED = "REGISTERED", _("registered")
    DEREGISTERED = "DEREGISTERED", _("deregistered")


class ChargePointsQuerySet(VisibleQuerySet["ChargePoint"]):
    """Charge points; a host sees those at the own sites."""

    site_path = "site_id"


class ChargePoint(TimeStamped):
    """One charge point: its public id, its place and what proves that it is itself.

    The credential is kept only as a salted HMAC; `pending_credential_hash` is a second candidate while a
    rotation is under way (both are good until one is proved). `token_version` ends all tokens below it.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="charge_points", verbose_name=_("organisation")
    )
    site = models.ForeignKey(
        Site, models.SET_NULL, null=True, blank=True, related_name="charge_points", verbose_name=_("site")
    )
    cp_id = models.CharField(_("charge point id"), max_length=48, unique=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    status = models.CharField(
        _("registration"),
        max_length=12,
        choices=RegistrationStatus.choices,
        default=RegistrationStatus.REGISTERED,
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    credential_hash = models.CharField(max_length=120, blank=True, editable=False)
    pending_credential_hash = models.CharField(max_length=120, blank=True, editable=False)
    token_version = models.PositiveIntegerField(default=1, editable=False)
    certificate_pem = models.TextField(_("certificate"), blank=True, editable=False)
    certificate_fingerprint = models.CharField(
        _("certificate fingerprint (SHA-256)"),
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        editable=False,
    )
    security_profile = models.PositiveSmallIntegerField(_("security profile"), default=0)
    registered_at = models.DateTimeField(_("registered"))
    last_authenticated = models.DateTimeField(_("last authenticated"), null=True, blank=True)
    deregistered_at = models.DateTimeField(_("deregistered"), null=True, blank=True)

    proved_pending = False
    """Of this login, never stored: it was made with the second candidate."""

    objects = ChargePointsQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge point")
        verbose_name_plural = _("charge points")
        ordering = ["cp_id"]
        indexes = [models.Index(fields=["organization", "status", "cp_id"])]

    def __str__(self) -> str:
        return self.cp_id

    @property
    def is_registered(self) -> bool:
        """True while the identity may be used."""
        return self.status == RegistrationStatus.REGISTERED
