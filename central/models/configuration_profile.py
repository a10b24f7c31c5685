"""Configuration profiles: values that charge points shall have, compared with what they have."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import ChargePointGroup, Organization, Site


class ConfigurationProfile(TimeStamped):
    """A named list of wanted values for all charge points of an organisation, a site, a group or a model.

    `values` is a list of `{"name" | "component", "variable" ..., "value"}` (see services/device_places). Of
    profiles that want different values, the one with the higher `priority` wins. Nothing is sent unless
    `apply_after_boot` is switched on.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="configuration_profiles", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=255, blank=True)
    values = models.JSONField(_("wanted values"), default=list)
    site = models.ForeignKey(
        Site, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only at site")
    )
    group = models.ForeignKey(
        ChargePointGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only in group"),
    )
    vendor = models.CharField(_("only vendor"), max_length=50, blank=True)
    model = models.CharField(_("only model"), max_length=50, blank=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("Where profiles differ, the higher number wins.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    apply_after_boot = models.BooleanField(
        _("set after each start"),
        default=False,
        help_text=_(
            "When a charge point has started, read these values and set those that differ. Off: differences"
            " are only shown."
        ),
    )

    objects = VisibleQuerySet["ConfigurationProfile"].as_manager()

    class Meta:
        verbose_name = _("configuration profile")
        verbose_name_plural = _("configuration profiles")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="configuration_profile_once")
        ]

    def __str__(self) -> str:
        return self.name
