"""Groups of charge points: by hand, and by a rule about what they are and where they stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.charge_point import ChargePoint
from registry.models.organization import Organization
from registry.models.site import Site


class ChargePointGroup(TimeStamped):
    """Charge points that are treated alike: `members` by hand, and all that fit the rule.

    The rule is what is filled of `rule_*`: all of it must fit (vendor and model whole, firmware by its
    beginning, letters of any size). An empty rule fits nothing. What charge points report of themselves is
    known in central, so the rule is evaluated there (central.selectors.groups), always against the present.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="charge_point_groups", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=200, blank=True)
    members = models.ManyToManyField(
        ChargePoint, blank=True, related_name="groups", verbose_name=_("charge points by hand")
    )
    rule_site = models.ForeignKey(
        Site, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    rule_vendor = models.CharField(_("vendor"), max_length=50, blank=True)
    rule_model = models.CharField(_("model"), max_length=50, blank=True)
    rule_firmware = models.CharField(_("firmware begins with"), max_length=50, blank=True)

    objects = VisibleQuerySet["ChargePointGroup"].as_manager()

    class Meta:
        verbose_name = _("group of charge points")
        verbose_name_plural = _("groups of charge points")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="charge_point_group_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_rule(self) -> bool:
        """True where charge points join by themselves."""
        return bool(self.rule_site_id or self.rule_vendor or self.rule_model or self.rule_firmware)
