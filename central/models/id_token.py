"""Id tokens: cards, app users and their groups."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.evse import Evse
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import ChargePoint, Organization, Party, Site


class BudgetPeriod(models.TextChoices):
    """How long a budget lasts, by the calendar of the organisation's time zone; weeks begin on Monday."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")


class IdTokenGroup(TimeStamped):
    """Tokens that may stop each other's sessions (1.6 parentIdTag, 2.x groupIdToken), and share limits.

    Empty `sites` mean everywhere, empty `hours` at any time (central.services.token_hours has their form),
    an empty budget any amount. Energy in Wh; money incl. VAT in the organisation's currency.
    A group with a `party` is that roaming partner's: its tokens alone come in.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="id_token_groups", verbose_name=_("organisation")
    )
    uid = models.CharField(_("group id"), max_length=36)
    name = models.CharField(_("name"), max_length=100, blank=True)
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, blank=True, editable=False, verbose_name=_("provider")
    )
    blocked = models.BooleanField(_("blocked"), default=False)
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name=_("sites"))
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    energy_budget_wh = models.PositiveBigIntegerField(_("energy budget (Wh)"), null=True, blank=True)
    energy_period = models.CharField(
        _("energy budget for each"), max_length=5, choices=BudgetPeriod.choices, default=BudgetPeriod.MONTH
    )
    money_budget = models.DecimalField(
        _("money budget (incl. VAT)"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    money_period = models.CharField(
        _("money budget for each"), max_length=5, choices=BudgetPeriod.choices, default=BudgetPeriod.MONTH
    )

    objects = VisibleQuerySet["IdTokenGroup"].as_manager()

    class Meta:
        verbose_name = _("id token group")
        verbose_name_plural = _("id token groups")
        ordering = ["uid"]
        constraints = [models.UniqueConstraint(fields=["organization", "uid"], name="token_group_once")]

    def __str__(self) -> str:
        return self.name or self.uid


class Whitelist(models.TextChoices):
    """May charge points be answered without asking the token's provider (OCPI WhitelistType)?"""

    ALWAYS = "ALWAYS", _("never ask its provider")
    ALLOWED = "ALLOWED", _("need not ask its provider")
    ALLOWED_OFFLINE = "ALLOWED_OFFLINE", _("ask its provider; good where that is silent")
    NEVER = "NEVER", _("ask its provider each time")


ASKED = (Whitelist.ALLOWED_OFFLINE, Whitelist.NEVER)
"""Tokens of partners whose provider is asked."""


class IdToken(TimeStamped):
    """One token: `uid_key` is the upper-case uid by which it is found (idTag is a CiString).

    Empty `sites`, `charge_points` and `evses` mean everywhere in the organisation; `evses` limit it to some
    EVSEs of a charge point. `language` and `message` are what a 2.x charge point shows the driver.

    A token of a roaming partner (`party` is not ours) follows `whitelist`, and `issuer_valid` is its
    provider's word; `roaming_type` is its OCPI type, `roaming_uid` its uid there where charge points know it
    by another one. Of our own tokens `whitelist` (empty: ALLOWED), `visual_number` and `out_of_credit` are
    what partners are told.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="id_tokens", verbose_name=_("organisation")
    )
    uid = models.CharField(_("uid"), max_length=255)
    uid_key = models.CharField(max_length=255, editable=False)
    token_type = models.CharField(_("type"), max_length=20, default="ISO14443")
    group = models.ForeignKey(
        IdTokenGroup, models.SET_NULL, null=True, blank=True, related_name="tokens", verbose_name=_("group")
    )
    party = models.ForeignKey(Party, models.SET_NULL, null=True, blank=True, verbose_name=_("party"))
    holder = models.CharField(_("holder"), max_length=100, blank=True)
    contract_id = models.CharField(_("contract id"), max_length=36, blank=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    concurrent_sessions = models.PositiveSmallIntegerField(
        _("sessions at once (0: any, empty: as the policy says)"), null=True, blank=True
    )
    language = models.CharField(_("language"), max_length=8, blank=True)
    message = models.CharField(_("message to the driver"), max_length=512, blank=True)
    sites = models.ManyToManyField(Site, blank=True, verbose_name=_("sites"))
    charge_points = models.ManyToManyField(ChargePoint, blank=True, verbose_name=_("charge points"))
    evses = models.ManyToManyField(Evse, blank=True, verbose_name=_("EVSEs"))
    last_used = models.DateTimeField(_("last used"), null=True, blank=True)
    whitelist = models.CharField(
        _("at partners' charge points"), max_length=16, choices=Whitelist.choices, blank=True
    )
    visual_number = models.CharField(_("number printed on it"), max_length=64, blank=True)
    out_of_credit = models.BooleanField(_("out of credit"), default=False)
    issuer_valid = models.BooleanField(_("valid for its provider"), default=True, editable=False)
    roaming_uid = models.CharField(_("uid at its provider"), max_length=36, blank=True, editable=False)
    roaming_type = models.CharField(_("type at its provider"), max_length=20, blank=True, editable=False)

    objects = VisibleQuerySet["IdToken"].as_manager()

    class Meta:
        verbose_name = _("id token")
        verbose_name_plural = _("id tokens")
        ordering = ["uid_key"]
        constraints = [models.UniqueConstraint(fields=["organization", "uid_key"], name="id_token_once")]
        indexes = [
            models.Index(
                fields=["whitelist"], name="id_token_asked", condition=models.Q(whitelist__in=ASKED)
            ),
        ]

    def __str__(self) -> str:
        return self.uid

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the search key in step with the uid."""
        self.uid_key = self.uid.upper()
        super().save(*args, **kwargs)  # type: ignore[arg-type]
