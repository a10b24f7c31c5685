"""Partners' CDRs: what they ask, and what we come to by their tariff."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import NOTHING, badge, moment, money
from ocpi.admin.received import ReceivedAdmin
from ocpi.models import CdrCheck, ReceivedCdr
from ocpi.models.cdr_check import CheckState
from ocpi.services.cdr_checks import cdr_check
from registry.admin.actions import ObjectAction
from registry.admin.filters import ChoiceFilter
from registry.rights import Right

TONES = {CheckState.RIGHT: "good", CheckState.DIFFERS: "bad", CheckState.UNKNOWN: "warn"}


class CheckFilter(ChoiceFilter):
    """By what working it out again gave."""

    title, parameter_name, field = _("worked out"), "check", "check_row__state"
    options = CheckState.choices


def _again(request: HttpRequest, obj: ReceivedCdr, values: dict[str, Any]) -> str:
    cdr_check(cdr=obj, now=timezone.now())
    return _t("It was worked out again.")


@admin.register(ReceivedCdr)
class ReceivedCdrAdmin(ReceivedAdmin):
    """CDRs of our drivers at partners' charge points."""

    list_display = ("object_id", "owner", "partner", "energy", "total", "worked_out", "received")
    list_filter = (CheckFilter,)
    list_select_related = ("partner", "organization", "check_row")
    empty_text = _("Partners send them after our drivers charged at their charge points.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")
    object_actions = (
        ObjectAction(
            slug="check",
            label=_("Work out again"),
            explain=_("Prices the CDR anew by its tariff and compares."),
            right=Right.MANAGE,
            run=_again,
            icon="calculate",
        ),
    )

    @display(description=_("worked out"))
    def worked_out(self, row: ReceivedCdr) -> SafeString:
        """As asked, or by how much it differs."""
        check = _check_of(row)
        if check is None:
            return badge(_("Not yet"), "mute")
        state = CheckState(check.state)
        if state == CheckState.DIFFERS and check.difference:
            return badge(_signed(check), "bad")
        return badge(state.label.capitalize(), TONES[state])

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The object, and what we come to."""
        told = super().story(request, obj)
        facts, *rest = told["cards"]
        return told | {"state_badge": self.worked_out(obj), "cards": [facts, *_check_cards(obj), *rest]}


def _check_of(row: ReceivedCdr) -> CdrCheck | None:
    return getattr(row, "check_row", None)


def _signed(check: CdrCheck) -> str:
    sign = "+" if (check.difference or 0) > 0 else ""
    return f"{sign}{money(check.difference, check.currency)}"


def _both(excl: Any, incl: Any, currency: str) -> str:
    if excl is None:
        return NOTHING
    with_vat = "" if incl is None else _t(" ({amount} with VAT)").format(amount=money(incl, currency))
    return f"{money(excl, currency)}{with_vat}"


def _check_cards(row: ReceivedCdr) -> list[dict[str, Any]]:
    check = _check_of(row)
    if check is None:
        return []
    currency = check.currency
    facts = [
        (_("Asked"), _both(check.told_excl, check.told_incl, currency)),
        (_("Worked out"), _both(check.own_excl, check.own_incl, currency)),
        (_("Difference"), _signed(check) if check.difference else _("none")),
        (_("Tariff"), check.tariff_from),
        (_("Worked out at"), moment(check.checked_at, row.organization.time_zone)),
        *((_("Finding"), fault) for fault in check.faults),
    ]
    return [{"key": "check", "title": _("Worked out again"), "facts": facts}, _lines_card(check)]


def _lines_card(check: CdrCheck) -> dict[str, Any]:
    lines = [
        [
            (_("Part"), line.get("dimension", "")),
            (_("Quantity"), f"{line.get('billed')} {line.get('unit')}"),
            (_("Price"), line.get("unit_price")),
            (_("Amount"), f"{line.get('excl_vat')} {check.currency}"),
            (_("Why"), line.get("why", "")),
        ]
        for line in check.lines
    ]
    return {
        "key": "lines",
        "title": _("Price lines"),
        "columns": [_("Part"), _("Quantity"), _("Price"), _("Amount"), _("Why")],
        "rows": lines,
        "empty": _("Nothing could be worked out."),
    }
