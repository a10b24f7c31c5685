"""Groups of tags: members, where and when they may charge, how much, and what of it is used."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from central.admin.words import session_badge
from central.models import IdTokenGroup, Session
from central.models.session import SessionState
from central.services.budgets import Budget, group_budgets
from central.services.token_hours import hours_clean
from emobility.lib.display import NOTHING, badge, kwh, link, masked, moment, money
from emobility.lib.errors import Invalid
from registry.admin.actions import object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.story import StoryAdmin
from registry.rights import Right, may

ROWS: Final = 20
WH: Final = Decimal(1000)
PERIODS: Final = {"day": _("a day"), "week": _("a week"), "month": _("a month")}


class IdTokenGroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """A group and its limits, energy in kWh."""

    energy_kwh = forms.DecimalField(
        label=_("Energy budget (kWh)"),
        required=False,
        min_value=0,
        max_value=10**9,
        max_digits=13,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("All its tags together; empty means any amount."),
    )

    class Meta:
        model = IdTokenGroup
        exclude = ("energy_budget_wh",)  # noqa: DJ006 -- the admin names the fields
        help_texts = {
            "sites": _("Where its tags may begin to charge; none means everywhere."),
            "hours": _(
                "When its tags may begin to charge, in the time zone of the place: Mon-Fri 07:00-19:00, Sat"
                " 09:00-12:00. Empty means at any time."
            ),
            "money_budget": _(
                "Incl. VAT, in the organisation's currency. A session counts in the period in which it began;"
                " when a budget is used up, running sessions are stopped and new ones refused."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.energy_budget_wh is not None:
            self.initial["energy_kwh"] = self.instance.energy_budget_wh / WH
        if "money_budget" in self.fields:
            self.fields["money_budget"].widget.attrs["min"] = 0

    def clean_hours(self) -> str:
        """The hours in their one form. Raise ValidationError for what is not understood."""
        try:
            return hours_clean(self.cleaned_data["hours"])
        except Invalid as error:
            raise ValidationError(error.message) from error

    def clean_money_budget(self) -> Decimal | None:
        """Raise ValidationError for less than nothing."""
        amount: Decimal | None = self.cleaned_data["money_budget"]
        if amount is not None and amount < 0:
            raise ValidationError(_("A budget is 0 or more."))
        return amount

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for sites of another organisation."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        owner = data.get("organization") or self.instance.organization_id or getattr(self, "owner_id", None)
        if any(site.organization_id != getattr(owner, "pk", owner) for site in data.get("sites", ())):
            raise ValidationError({"sites": _("A site belongs to another organisation.")})
        return data

    def save(self, commit: bool = True) -> Any:
        """With the energy in Wh."""
        energy = self.cleaned_data.get("energy_kwh")
        self.instance.energy_budget_wh = None if energy is None else int(energy * WH)
        return super().save(commit)


@admin.register(IdTokenGroup)
class IdTokenGroupAdmin(StoryAdmin):
    """Groups: their members may stop each other's sessions, and share their limits."""

    form = IdTokenGroupForm
    list_display = ("uid", "name", "members", "budgets", "state")
    list_filter = ("blocked", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("uid", "name")
    empty_text = _("A group gathers tags that may stop each other's sessions and share a budget.")
    fieldsets = (
        (None, {"fields": ("organization", "uid", "name", "blocked")}),
        (_("May charge"), {"fields": ("sites", "hours")}),
        (
            _("As much as"),
            {"fields": ("energy_kwh", "energy_period", "money_budget", "money_period")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of members."""
        return super().get_queryset(request).annotate(members_count=Count("tokens"))

    @display(description=_("tags"))
    def members(self, group: IdTokenGroup) -> Any:
        """How many tags it has."""
        return getattr(group, "members_count", NOTHING)

    @display(description=_("budget"))
    def budgets(self, group: IdTokenGroup) -> Any:
        """What it may use; what it used stands on its page."""
        found = []
        if group.energy_budget_wh is not None:
            found.append(_each(kwh(group.energy_budget_wh), group.energy_period))
        if group.money_budget is not None:
            found.append(_each(money(group.money_budget, group.organization.currency), group.money_period))
        return ", ".join(found) or NOTHING

    @display(description=_("state"), ordering="blocked")
    def state(self, group: IdTokenGroup) -> Any:
        """Blocked or not."""
        return badge(_("Blocked"), "bad") if group.blocked else badge(_("May charge"), "good")

    def story(self, request: HttpRequest, obj: IdTokenGroup) -> dict[str, Any]:
        """What it may, what it used, its tags and its running sessions."""
        now, zone = timezone.now(), obj.organization.time_zone
        budgets = group_budgets(obj, now)
        used_up = any(each.is_used_up for each in budgets)
        facts = [
            (_("Group id"), obj.uid),
            (_("Name"), obj.name),
            (_("Only at sites"), ", ".join(str(site) for site in obj.sites.all()) or _("everywhere")),
            (_("Hours"), obj.hours or _("at any time")),
            (_("Budget"), self.budgets(obj)),
        ]
        return {
            "title": str(obj),
            "state_badge": badge(_("Budget used up"), "warn") if used_up else self.state(obj),
            "cards": [
                {"key": "may", "title": _("May charge"), "width": "em-w6", "facts": facts},
                _used(budgets, zone),
                _running(obj, zone, now),
                _tags(obj, whole=may(request.user, Right.OPERATE)),
            ],
        }


def _each(amount: str, period: str) -> str:
    return f"{amount} {PERIODS[period]}"


def _amount(budget: Budget, amount: Decimal) -> str:
    return money(amount, budget.currency) if budget.currency else kwh(int(amount))


def _used(budgets: list[Budget], zone: str) -> dict[str, Any]:
    """Each budget in the period that runs now; running sessions count."""
    columns = [_("Budget"), _("Since"), _("Until"), _("Used"), _("Left")]
    rows = [
        [
            (columns[0], _each(_amount(each, each.limit), each.period)),
            (columns[1], moment(each.start, zone)),
            (columns[2], moment(each.end, zone)),
            (columns[3], _used_words(each)),
            (columns[4], _amount(each, each.left)),
        ]
        for each in budgets
    ]
    empty = _("It has no budget: its tags may use as much as they like.")
    return {
        "key": "used",
        "title": _("Used in this period"),
        "columns": columns,
        "rows": rows,
        "empty": empty,
    }


def _used_words(budget: Budget) -> Any:
    words = _amount(budget, budget.used)
    if budget.other:
        others = ", ".join(money(amount, currency) for currency, amount in budget.other.items())
        words = _("{used}, and {others} that cannot be counted").format(used=words, others=others)
    return format_html("{} {}", words, badge(_("used up"), "warn")) if budget.is_used_up else words


def _running(obj: IdTokenGroup, zone: str, now: Any) -> dict[str, Any]:
    columns = [_("Start"), _("Charge point"), _("State"), _("Energy")]
    sessions = Session.objects.filter(token_group=obj, state=SessionState.ACTIVE)
    rows = [
        [
            (columns[0], link(object_url(each), moment(each.started_at, zone))),
            (columns[1], each.charge_point),
            (columns[2], session_badge(each, now)),
            (columns[3], kwh(each.energy_wh)),
        ]
        for each in sessions.select_related("charge_point")[:ROWS]
    ]
    empty = _("None of its tags charges now.")
    return {"key": "running", "title": _("Charging now"), "columns": columns, "rows": rows, "empty": empty}


def _tags(obj: IdTokenGroup, *, whole: bool) -> dict[str, Any]:
    columns = [_("Tag"), _("Holder")]
    rows = [
        [
            (columns[0], link(object_url(each), each.uid if whole else masked(each.uid))),
            (columns[1], each.holder or NOTHING),
        ]
        for each in obj.tokens.all()[:ROWS]
    ]
    empty = _("No tag belongs to it yet: open a tag and choose this group.")
    return {"key": "tags", "title": _("Tags"), "columns": columns, "rows": rows, "empty": empty}
