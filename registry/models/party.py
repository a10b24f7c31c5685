"""OCPI parties: ours and our partners', at the bottom of the house so that every room may point at them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.organization import Organization


class Party(TimeStamped):
    """A country code and party id as one organisation knows it (OCPI 2.2.1 §3.3)."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="parties", verbose_name=_("organisation")
    )
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    role = models.CharField(_("role"), max_length=10, default="CPO")
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_own = models.BooleanField(_("own party"), default=False)

    objects = VisibleQuerySet["Party"].as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["country_code", "party_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "role"],
                name="party_once_per_organization",
            )
        ]

    def __str__(self) -> str:
        return f"{self.country_code}-{self.party_id}"
