"""What a person asks of an operator for a driver's session there: preferences, charging profiles."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from central.models.charging_preference import Preference
from emobility.lib.display import badge, link, moment
from ocpi.models import ReceivedSession, SentCommand
from ocpi.services.command_wishes import MODULES, command_wish
from ocpi.services.sent_commands import PREFERENCES, command_send, hindrance
from registry.admin.actions import ObjectAction, object_url
from registry.admin.dress import dressed
from registry.rights import Right

WORDS = {
    "SET_PROFILE": _("Set a charging profile"),
    "GET_PROFILE": _("Ask for the charging profile"),
    "CLEAR_PROFILE": _("Clear the charging profile"),
    "ACTIVE_PROFILE": _("Charging profile in force"),
    PREFERENCES: _("Charging preferences"),
}
SHOWN = 10


class PreferencesForm(forms.Form):
    """What the driver wants."""

    profile_type = forms.ChoiceField(label=_("Preference"), choices=Preference.choices)
    departure_time = forms.DateTimeField(label=_("Leaves"), required=False)
    energy_need = forms.DecimalField(
        label=_("Energy (kWh)"), required=False, min_value=0, max_digits=8, decimal_places=3
    )
    discharge_allowed = forms.BooleanField(label=_("May be discharged meanwhile"), required=False)


class LimitForm(forms.Form):
    """One limit, from now on."""

    limit = forms.DecimalField(label=_("Limit"), min_value=0, max_digits=10, decimal_places=1)
    unit = forms.ChoiceField(
        label=_("Unit"), choices=[("A", _("A (of each phase)")), ("W", _("W (in total)"))]
    )
    duration = forms.IntegerField(
        label=_("Lasts (seconds)"),
        required=False,
        min_value=1,
        help_text=_("Empty: the whole session."),
    )


class AheadForm(forms.Form):
    """How far ahead."""

    duration = forms.IntegerField(
        label=_("For the next (seconds)"), initial=3600, min_value=60, max_value=7 * 24 * 3600
    )


def _profile(values: dict[str, Any]) -> dict[str, Any]:
    profile = {
        "charging_rate_unit": values["unit"],
        "charging_profile_period": [{"start_period": 0, "limit": float(values["limit"])}],
    }
    if values.get("duration"):
        profile["duration"] = values["duration"]
    return {"charging_profile": profile}


def _asks(kind: str) -> Callable[[HttpRequest, ReceivedSession, dict[str, Any]], HttpResponseRedirect]:
    def run(request: HttpRequest, obj: ReceivedSession, values: dict[str, Any]) -> HttpResponseRedirect:
        now, person = timezone.now(), request.user
        params = _profile(values) if kind == "SET_PROFILE" else values
        wish = command_wish(
            partner=obj.partner, kind=kind, params={**params, "session_id": obj.object_id}, now=now
        )
        user: Any = person
        row = command_send(partner=obj.partner, wish=wish, requested_by=user, now=now)
        return HttpResponseRedirect(object_url(row))

    return run


def _hindrance(kind: str) -> Callable[[ReceivedSession], str]:
    def why_not(obj: ReceivedSession) -> str:
        if obj.payload.get("status") == "COMPLETED":
            return str(_("The session has ended."))
        return hindrance(obj.partner, MODULES[kind])

    return why_not


def _action(
    kind: str, slug: str, label: Any, explain: Any, icon: str, form: type[forms.Form] | None
) -> ObjectAction:
    made = (lambda data, request, obj: dressed(form(data))) if form is not None else None
    return ObjectAction(
        slug,
        label,
        explain,
        Right.OPERATE,
        _asks(kind),
        form=made,
        hindrance=_hindrance(kind),
        ask=form is None,
        icon=icon,
    )


ACTIONS = (
    _action(
        PREFERENCES,
        "preferences",
        _("Send preferences"),
        _("Tells the operator what the driver wants of this session. The answer is at once."),
        "favorite",
        PreferencesForm,
    ),
    _action(
        "SET_PROFILE",
        "limit",
        _("Limit"),
        _("Has the operator limit this session. The charge point's word arrives on the next page."),
        "speed",
        LimitForm,
    ),
    _action(
        "GET_PROFILE",
        "profile",
        _("Ask for the plan"),
        _("Asks what this session will charge with. The plan arrives on the next page."),
        "stacked_line_chart",
        AheadForm,
    ),
    _action(
        "CLEAR_PROFILE",
        "unlimit",
        _("End the limit"),
        _("Has the operator take back the limit that was set from here."),
        "layers_clear",
        None,
    ),
)
"""On the page of a partner's session."""


def wishes_of(session: ReceivedSession) -> list[SentCommand]:
    """What was asked of the operator for a session, and what it told by itself, the latest first."""
    rows = SentCommand.objects.filter(
        partner=session.partner_id, module__in=set(MODULES.values()), payload__session_id=session.object_id
    )
    return list(rows.order_by("-id")[:SHOWN])


def wishes_card(session: ReceivedSession, rows: Sequence[SentCommand], now: datetime) -> dict[str, Any]:
    """The same as a card of the session's page."""
    zone = session.organization.time_zone
    return {
        "title": _("Asked of the operator"),
        "columns": [_("Time"), _("What"), _("Result")],
        "rows": [
            [
                (_("Time"), link(object_url(row), moment(row.created_at, zone, seconds=True))),
                (_("What"), WORDS.get(row.kind, row.kind)),
                (_("Result"), result_badge(row, now)),
            ]
            for row in rows
        ],
    }


def result_badge(row: Any, now: datetime) -> Any:
    """The later answer with its age; of one that was refused at once, the refusal."""
    if row.waits:
        return badge(_("under way"), "info", row.created_at, now)
    word = row.result or row.response
    if not word:
        return badge(_("none yet"), "info")
    return badge(word, "good" if word == "ACCEPTED" else "bad", row.finished_at or row.created_at, now)
