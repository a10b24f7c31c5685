"""Checks of VAT numbers, and payments begun on the web."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.der import command_fact
from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import Session, VatCheck, WebPayment
from central.models.payment import WebPaymentState
from central.selectors.overview import zone_of
from central.services.vat_numbers import NOT_CHECKED
from emobility.lib.display import NOTHING, badge, code, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter

REASONS = {
    "UnknownCountry": _("No country of ours begins like this"),
    "WrongForm": _("Not the form of its country"),
    NOT_CHECKED: _("The register did not answer: only its form was checked"),
}
TONES = {
    WebPaymentState.REQUESTED: "info",
    WebPaymentState.TOLD: "good",
    WebPaymentState.REFUSED: "bad",
    WebPaymentState.UNDELIVERED: "warn",
}


class VatStatusFilter(ChoiceFilter):
    """By our answer."""

    title, parameter_name = _("answered"), "status"
    options = (("Accepted", _("accepted")), ("Rejected", _("rejected")))


class WebPaymentStateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = tuple(WebPaymentState.choices)


@admin.register(VatCheck)
class VatCheckAdmin(PlacedHistoryAdmin):
    """Checks, newest first."""

    list_display = ("time", "charge_point", "vat_number", "verdict", "because", "times")
    list_filter = (VatStatusFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "vat_number")
    empty_text = _(
        "No VAT number was asked about. Charge points of OCPP 2.1 with a payment terminal ask by themselves."
    )

    @display(description=_("answered"), ordering="status")
    def verdict(self, row: VatCheck) -> Any:
        """Accepted or not, or let pass because the register did not answer."""
        if row.reason == NOT_CHECKED:
            return badge(_("Not checked"), "warn")
        accepted = row.status == "Accepted"
        return badge(_("Accepted") if accepted else _("Rejected"), "good" if accepted else "bad")

    @display(description=_("because"))
    def because(self, row: VatCheck) -> Any:
        """Why not, in words."""
        return REASONS.get(row.reason, row.reason) or NOTHING

    def story(self, request: HttpRequest, obj: VatCheck) -> dict[str, Any]:
        """The number, the verdict, the company."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("EVSE"), obj.evse_number or NOTHING),
            (_("VAT number"), code(obj.vat_number)),
            (_("Because"), self.because(obj)),
            (_("First asked"), moment(obj.first_at, zone, seconds=True)),
            (_("Last asked"), moment(obj.at, zone, seconds=True)),
            (_("Times"), obj.times),
        ]
        company = [(name, value) for name, value in (obj.company or {}).items() if isinstance(value, str)]
        cards: list[dict[str, Any]] = [{"title": _("Check"), "width": "em-w6", "facts": facts}]
        if company:
            cards.append({"title": _("Company"), "width": "em-w6", "facts": company})
        return {"state_badge": self.verdict(obj), "cards": cards}


@admin.register(WebPayment)
class WebPaymentAdmin(PlacedHistoryAdmin):
    """Payments on the web, newest first."""

    list_display = ("began", "charge_point", "evse_number", "state_now", "until")
    list_filter = (WebPaymentStateFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id",)
    empty_text = _(
        "Nobody paid on the web. A charge point of OCPP 2.1 says when a driver opened its payment page."
    )

    @display(description=_("time"), ordering="id")
    def began(self, row: WebPayment) -> Any:
        """When, at its place."""
        return moment(row.created_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("state"), ordering="state")
    def state_now(self, row: WebPayment) -> Any:
        """The state and its age."""
        state = WebPaymentState(row.state)
        return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, timezone.now())

    @display(description=_("kept until"), ordering="expires_at")
    def until(self, row: WebPayment) -> Any:
        """When the EVSE is free for others again."""
        return moment(row.expires_at, zone_of(row.charge_point), seconds=True)

    def story(self, request: HttpRequest, obj: WebPayment) -> dict[str, Any]:
        """Where, how long, and the session that came of it."""
        session = _session(obj)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("EVSE"), obj.evse_number),
            (_("Asked"), self.began(obj)),
            (_("Kept until"), self.until(obj)),
            (_("Session"), link(object_url(session), session) if session else NOTHING),
            *command_fact(obj),
        ]
        return {
            "title": _("Payment on the web at EVSE {number}").format(number=obj.evse_number),
            "state_badge": self.state_now(obj),
            "cards": [{"title": _("Payment"), "facts": facts}],
        }


def _session(row: WebPayment) -> Session | None:
    """The session that began there while the EVSE was kept."""
    if row.expires_at is None:
        return None
    sessions = Session.objects.filter(charge_point_id=row.charge_point_id, evse_number=row.evse_number)
    return sessions.filter(started_at__gte=row.created_at, started_at__lte=row.expires_at).first()
