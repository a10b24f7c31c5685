"""Who may charge where: rules of an organisation, a site, a group or a charge point; the nearest wins."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from central.models.id_token import IdTokenGroup
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import ChargePoint, ChargePointGroup, Organization, Site


class Access(models.TextChoices):
    """Who may start."""

    TOKENS = "tokens", _("only known tags")
    FREE = "free", _("everybody")


class UnknownOffline(models.TextChoices):
    """What becomes of a session that began offline with a tag that nobody knows."""

    DENY = "deny", _("refused, and kept for review")
    ACCEPT = "accept", _("accepted")


class AuthorizationPolicy(TimeStamped):
    """Rules at one place; an empty one is left to the next wider place, in the end to the defaults.

    Without site, group and charge point it is the organisation's own. `sessions_at_once` holds for tags
    without a limit of their own (0: any number). Tags of `master_group` end anybody's session and begin none
    (2.x C16). `shows_costs`: whether displays are told costs; nobody said: as the device says.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="authorization_policies", verbose_name=_("organisation")
    )
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, verbose_name=_("site"))
    group = models.ForeignKey(
        ChargePointGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("group of charge points"),
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, null=True, blank=True, verbose_name=_("charge point")
    )
    access = models.CharField(_("who may charge"), max_length=8, choices=Access.choices, blank=True)
    unknown_offline = models.CharField(
        _("unknown tags while offline"), max_length=8, choices=UnknownOffline.choices, blank=True
    )
    plug_and_charge = models.BooleanField(_("plug and charge"), null=True, blank=True)
    group_stop = models.BooleanField(_("a group stops its members' sessions"), null=True, blank=True)
    sessions_at_once = models.PositiveSmallIntegerField(
        _("sessions of a tag at once (0: any)"), null=True, blank=True
    )
    master_group = models.ForeignKey(
        IdTokenGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("group of master passes"),
    )
    local_list = models.BooleanField(_("keep local lists in step"), null=True, blank=True)
    shows_costs = models.BooleanField(_("displays are told prices"), null=True, blank=True)

    objects = VisibleQuerySet["AuthorizationPolicy"].as_manager()

    class Meta:
        verbose_name = _("authorisation policy")
        verbose_name_plural = _("authorisation policies")
        ordering = ["organization", "site", "group", "charge_point"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(site=None, group=None, charge_point=None),
                name="policy_of_organization_once",
            ),
            models.UniqueConstraint(fields=["site"], name="policy_of_site_once"),
            models.UniqueConstraint(fields=["group"], name="policy_of_group_once"),
            models.UniqueConstraint(fields=["charge_point"], name="policy_of_charge_point_once"),
            models.CheckConstraint(
                condition=Q(site=None, group=None)
                | Q(site=None, charge_point=None)
                | Q(group=None, charge_point=None),
                name="policy_of_one_place_only",
            ),
        ]

    def __str__(self) -> str:
        return str(self.charge_point or self.group or self.site or self.organization)
