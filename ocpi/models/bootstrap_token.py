"""Bootstrap tokens: OCPI's CREDENTIALS_TOKEN_A, single use, kept as a keyed digest."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization


class TokenState(models.TextChoices):
    """What became of a bootstrap token."""

    GOOD = "good", _("good")
    USED = "used", _("used")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


class BootstrapTokenQuerySet(VisibleQuerySet["BootstrapToken"]):
    """Tokens, by what became of them."""

    def in_state(self, state: str, now: datetime) -> "BootstrapTokenQuerySet":
        """Those that are good, used, revoked or expired at a moment."""
        if state == TokenState.USED:
            return self.exclude(used_at=None)
        if state == TokenState.REVOKED:
            return self.filter(used_at=None).exclude(revoked_at=None)
        unused = self.filter(used_at=None, revoked_at=None)
        return (
            unused.filter(expires_at__lte=now)
            if state == TokenState.EXPIRED
            else unused.filter(expires_at__gt=now)
        )


class BootstrapToken(TimeStamped):
    """A token for one registration until `expires_at`; consumed atomically (OCPI 2.2.1 §7.1).

    Where a party or roles are named, only a platform with these, and no others, can register with it.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="bootstrap_tokens", verbose_name=_("organisation")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(_("for whom"), max_length=100, blank=True)
    country_code = models.CharField(_("country code"), max_length=2, blank=True)
    party_id = models.CharField(_("party id"), max_length=3, blank=True)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    used_by = models.ForeignKey(
        Partner,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="bootstrap_tokens",
        verbose_name=_("used by"),
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    objects = BootstrapTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("bootstrap token")
        verbose_name_plural = _("bootstrap tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label or str(self.pk)

    @property
    def party(self) -> str:
        """The only party that may register with it, "DE-ABC", or ""."""
        return f"{self.country_code}-{self.party_id}" if self.party_id else ""

    def state_at(self, now: datetime) -> TokenState:
        """What became of it."""
        if self.used_at:
            return TokenState.USED
        if self.revoked_at:
            return TokenState.REVOKED
        return TokenState.EXPIRED if self.expires_at <= now else TokenState.GOOD
