"""The organisation: the tenant that owns everything else."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet


class OrganizationQuerySet(VisibleQuerySet["Organization"]):
    """Organisations; an actor sees its own."""

    organization_path = "id"

    def default(self) -> "Organization | None":
        """The organisation that `/ocpi/versions` and anonymous development enrolment mean."""
        return self.filter(is_default=True).first()


class Organization(TimeStamped):
    """A charging company: its name, its default OCPI party, its currency and time zone."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name"), unique=True)
    is_default = models.BooleanField(_("default organisation"), default=False)
    country_code = models.CharField(_("country code"), max_length=2, blank=True)
    party_id = models.CharField(_("party id"), max_length=3, blank=True)
    ocpi_roles = models.JSONField(_("OCPI roles"), default=list, blank=True)
    website = models.URLField(_("website"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    holds_new_charge_points = models.BooleanField(
        _("new charge points wait until somebody accepts them"), default=False
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name
