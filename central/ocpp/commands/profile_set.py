"""Set a charging profile: SetChargingProfile in all versions (1.6 §5.16, 2.x K01)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session
from central.models.charging_profile import Kind, Purpose
from central.ocpp.answers import word_of
from central.ocpp.charging import (
    ALIASES,
    NEWEST,
    PURPOSES,
    profile_number,
    profile_read,
    profile_request,
    purpose_of,
)
from central.ocpp.intents import answer_of, command, order
from central.ocpp.offers import offer_evses, offer_profiles, offer_sessions
from central.ocpp.vocabulary import format_time, parse_time
from central.services import charging_profiles as service
from central.services.charging_rules import Profile
from emobility.lib.errors import NotFound
from registry.models import ChargePoint

PURPOSE_CHOICES = [
    *((each.value, each.label) for each in Purpose if each != Purpose.EXTERNAL),
    *((short, short) for short, ours in PURPOSES.items() if short != ours),
]
OPTION_NAMES = {
    "dynamic_update_seconds": "dynUpdateInterval",
    "max_offline_seconds": "maxOfflineDuration",
    "invalid_after_offline": "invalidAfterOfflineDuration",
}


class ProfileParams(forms.Form):
    """What is limited, and to what: one `limit`, or whole `schedules`."""

    purpose = forms.ChoiceField(label=_("What it limits"), choices=PURPOSE_CHOICES)
    limit = forms.FloatField(label=_("Limit"), required=False, help_text=_("One limit for all the time."))
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[("", ""), ("A", _("A (of each phase)")), ("W", _("W (in total)"))],
        required=False,
    )
    phases = forms.IntegerField(label=_("Phases"), min_value=1, max_value=3, required=False)
    evse_number = forms.IntegerField(
        label=_("EVSE"),
        min_value=0,
        required=False,
        help_text=_("0 is the whole charge point; for a session its own."),
    )
    session = forms.UUIDField(
        label=_("Session"), required=False, help_text=_("For the profile of a session.")
    )
    transaction_id = forms.CharField(
        label=_("Transaction"), max_length=36, required=False, help_text=_("Instead of the session's id.")
    )
    stack_level = forms.IntegerField(
        label=_("Stack level"), min_value=0, required=False, help_text=_("The highest one counts.")
    )
    valid_from = forms.DateTimeField(label=_("Valid from"), required=False)
    valid_to = forms.DateTimeField(label=_("Valid until"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", ""), *Kind.choices], required=False)
    recurrency = forms.ChoiceField(
        label=_("Recurrence"),
        choices=[("", ""), ("Daily", _("every day")), ("Weekly", _("every week"))],
        required=False,
    )
    duration = forms.IntegerField(label=_("Lasts (seconds)"), min_value=1, required=False)
    schedules = forms.JSONField(
        label=_("Schedules"),
        required=False,
        initial=list,
        help_text=_("Instead of one limit: a list of ChargingScheduleType as OCPP 2.1 writes it."),
    )
    dynamic_update_seconds = forms.IntegerField(
        label=_("Ask for updates every (seconds)"), min_value=0, required=False, help_text=_("OCPP 2.1")
    )
    max_offline_seconds = forms.IntegerField(
        label=_("Void after offline (seconds)"), min_value=0, required=False, help_text=_("OCPP 2.1")
    )
    invalid_after_offline = forms.NullBooleanField(
        label=_("Stays void when online again"), required=False, help_text=_("OCPP 2.1")
    )
    profile_id = forms.IntegerField(
        label=_("Instead of profile"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text=_("The number of a profile that this one replaces."),
    )
    profile = forms.IntegerField(label=_("Instead of this one"), min_value=1, required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what runs there, and what it has already."""
        offer_evses(self, charge_point)
        offer_sessions(self, charge_point)
        offer_profiles(self, charge_point)

    def clean(self) -> dict[str, Any]:
        """One limit with its unit, or schedules."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("schedules"):
            if values.get("limit") is None:
                self.add_error("limit", _t("Needs a limit or schedules."))
            elif not values.get("unit"):
                self.add_error("unit", _t("In which unit?"))
        return values


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Write the profile down and queue it. Raises Invalid, NotFound."""
    profile = _profile(charge_point, params, now)
    number = service.number_of(charge_point, params.get("profile"), params.get("profile_id"))
    return service.profile_request(
        charge_point=charge_point, profile=profile, number=number, now=now, **common
    )


def _profile(charge_point: ChargePoint, params: dict[str, Any], now: datetime) -> Profile:
    purpose = purpose_of(params["purpose"])
    session = _session(charge_point, params)
    kind = params.get("kind") or _kind(purpose, params)
    return Profile(
        purpose=purpose,
        kind=kind,
        schedules=_schedules(params, kind, now),
        evse_number=params.get("evse_number") or (session.evse_number if session else 0),
        transaction_id=session.transaction_id if session else params.get("transaction_id", ""),
        stack_level=params.get("stack_level") or 0,
        recurrency=params.get("recurrency", ""),
        valid_from=parse_time(params["valid_from"]) if "valid_from" in params else None,
        valid_to=parse_time(params["valid_to"]) if "valid_to" in params else None,
        options={word: params[name] for name, word in OPTION_NAMES.items() if params.get(name) is not None},
    )


def _session(charge_point: ChargePoint, params: dict[str, Any]) -> Session | None:
    """The session by our id, or by the charge point's transaction id (which may be unknown here)."""
    sessions = Session.objects.filter(charge_point=charge_point)
    if "session" in params:
        found = sessions.filter(uid=params["session"]).first()
        if found is None:
            raise NotFound(_t("No such session."))
        return found
    return sessions.filter(transaction_id=params.get("transaction_id", "")).first()


def _kind(purpose: str, params: dict[str, Any]) -> str:
    """What fits where nobody says it: a start of its own, or the start of charging."""
    schedules = params.get("schedules")
    starts = isinstance(schedules, list) and any(
        isinstance(each, dict) and each.get("startSchedule") for each in schedules
    )
    if params.get("recurrency"):
        return Kind.RECURRING
    return Kind.ABSOLUTE if starts or purpose == Purpose.STATION_MAX else Kind.RELATIVE


def _schedules(params: dict[str, Any], kind: str, now: datetime) -> list[Any]:
    """The schedules given, or one of one limit; an absolute one without a start begins now."""
    schedules = params.get("schedules") or [_one(params)]
    if kind != Kind.ABSOLUTE or not isinstance(schedules, list):
        return schedules
    return [
        {"startSchedule": format_time(now)} | each if isinstance(each, dict) else each for each in schedules
    ]


def _one(params: dict[str, Any]) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": params["limit"]}
    if params.get("phases"):
        period["numberPhases"] = params["phases"]
    schedule = {"chargingRateUnit": params["unit"], "chargingSchedulePeriod": [period]}
    return schedule | ({"duration": params["duration"]} if params.get("duration") else {})


order(
    service.SET,
    _("Set a charging profile"),
    explain=_("Limits the power or current of the whole charge point, of each session, or of one session."),
    form=ProfileParams,
    group="smart charging",
    icon="tune",
    create=create,
    later=ALIASES,
    newest=(*OPTION_NAMES, *NEWEST, f"kind={Kind.DYNAMIC}"),
    oldest=ALIASES,
)


@command(service.SET)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for what the version cannot say."""
    request = profile_request(version, command.params)
    service.profile_leaves(command=command)
    return "SetChargingProfile", request


@answer_of("SetChargingProfile", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Installed, or why not; it replaces what stood in its place (§3.13.2)."""
    payload = request["csChargingProfiles"]
    return service.profile_answered(
        command=command,
        number=profile_number("1.6", payload),
        profile=profile_read("1.6", request["connectorId"], payload),
        status=answer["status"],
        same_place=True,
        now=now,
    )


@answer_of("SetChargingProfile", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Installed, or why not; it replaces the one with its number (K01.FR.05)."""
    payload = request["chargingProfile"]
    return service.profile_answered(
        command=command,
        number=profile_number("2.1", payload),
        profile=profile_read("2.1", int(request["evseId"]), payload),
        status=answer["status"],
        word=word_of(answer),
        same_place=False,
        now=now,
    )
