"""Remote start: 1.6 RemoteStartTransaction (§5.11), 2.x RequestStartTransaction (F01, F02, K05)."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_profile import Kind, Purpose
from central.ocpp.answers import word_of
from central.ocpp.charging import profile_number, profile_read
from central.ocpp.charging import profile_request as profile_write
from central.ocpp.intents import answer_of, command, order
from central.services import charging_profiles as profiles
from central.services.charging_rules import Profile
from central.services.commands import REMOTE_START, remote_start
from central.services.session_start import session_link_order
from central.services.start_profiles import profile_with_start
from emobility.lib.errors import Invalid

ID_TAG_LIMIT = 20


class StartParams(forms.Form):
    """For whom, and at which EVSE (any where it is left out); with a limit or a whole profile."""

    id_tag = forms.CharField(label=_("Tag"), max_length=36)
    evse_number = forms.IntegerField(label=_("EVSE"), min_value=1, required=False)
    limit = forms.FloatField(
        label=_("Limit"), min_value=0, required=False, help_text=_("The session charges with no more.")
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[("", ""), ("A", _("A (of each phase)")), ("W", _("W (in total)"))],
        required=False,
    )
    charging_profile = forms.JSONField(
        label=_("Charging profile"),
        required=False,
        help_text=_("Instead of one limit: a TxProfile as OCPP writes it, without ids."),
    )

    def clean(self) -> dict[str, Any]:
        """One limit with its unit, or a profile."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("limit") is not None and values.get("charging_profile"):
            self.add_error("charging_profile", _t("One limit, or a profile: not both."))
        if (values.get("limit") is None) == bool(values.get("unit")):
            self.add_error("unit", _t("A limit and its unit belong together."))
        return values


def create(*, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue a start for a tag, known or not, with the profile of its session where one is asked for."""
    named = {name: params[name] for name in ("id_tag", "evse_number") if name in params}
    profile = _profile(params)
    with transaction.atomic():
        command = remote_start(**named, now=now, **common)
        if profile is not None:
            brought = profile_with_start(command=command, profile=profile, now=now)
            command.params = {**command.params, "profile_id": brought["profile_id"], "profile": brought}
            command.asked = json.dumps(params)
            command.save(update_fields=["params", "asked"])
    return command


def _profile(params: dict[str, Any]) -> Profile | None:
    """The profile that is asked for. Raises Invalid for what is none."""
    evse_number = params.get("evse_number") or 0
    if params.get("limit") is not None:
        period = {"startPeriod": 0, "limit": params["limit"]}
        schedule = {"chargingRateUnit": params["unit"], "chargingSchedulePeriod": [period]}
        return Profile(Purpose.TX, [schedule], kind=Kind.RELATIVE, evse_number=evse_number)
    written = params.get("charging_profile")
    if not written:
        return None
    try:
        whole = {"stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative"}
        version = "1.6" if isinstance(written["chargingSchedule"], dict) else "2.1"
        return profile_read(version, evse_number, whole | written)
    except (KeyError, TypeError, ValueError) as error:
        fault = _t("This is no charging profile: {why}").format(why=str(error)[:100])
        raise Invalid(fault, {"charging_profile": fault}) from error


order(
    REMOTE_START,
    _("Start charging"),
    explain=_("Asks the charge point to begin a session for a tag."),
    form=StartParams,
    icon="play_arrow",
    create=create,
    again=True,
)


@command(REMOTE_START)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; remoteStartId is the command's number. Raises ValueError for a tag too long for 1.6."""
    return _build_1_6(command) if version == "1.6" else _build_2(command)


def _build_1_6(command: Command) -> tuple[str, dict[str, Any]]:
    id_tag = str(command.params["id_tag"])
    if len(id_tag) > ID_TAG_LIMIT:
        raise ValueError("OCPP 1.6 knows tags of up to 20 characters.")
    request: dict[str, Any] = {"idTag": id_tag}
    if command.params.get("evse_number"):
        request["connectorId"] = command.params["evse_number"]
    if "profile" in command.params:
        request["chargingProfile"] = profile_write("1.6", command.params["profile"])["csChargingProfiles"]
        profiles.profile_leaves(command=command)
    return "RemoteStartTransaction", request


def _build_2(command: Command) -> tuple[str, dict[str, Any]]:
    params = command.params
    request: dict[str, Any] = {
        "idToken": {"idToken": params["id_tag"], "type": params.get("id_tag_type") or "Central"},
        "remoteStartId": command.pk,
    }
    if params.get("evse_number"):
        request["evseId"] = params["evse_number"]
    if params.get("group"):
        request["groupIdToken"] = {"idToken": params["group"], "type": "Central"}
    if "profile" in params:
        request["chargingProfile"] = profile_write("2.1", params["profile"])["chargingProfile"]
        profiles.profile_leaves(command=command)
    return "RequestStartTransaction", request


@answer_of("RemoteStartTransaction", versions=("1.6",))
@answer_of("RequestStartTransaction", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted or not; a transaction that had begun already (F02, cable first) is tied to the order."""
    accepted = answer.get("status") == "Accepted"
    if accepted and answer.get("transactionId"):
        session_link_order(command=command, transaction_id=answer["transactionId"])
    if "chargingProfile" in request:
        _profile_answered(command, request, answer, now)
    return accepted


def _profile_answered(
    command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime
) -> None:
    """The profile shares the fate of the start that brings it."""
    version = "1.6" if "idTag" in request else "2.1"
    place = request.get("connectorId") or request.get("evseId") or 0
    payload = request["chargingProfile"]
    profiles.profile_answered(
        command=command,
        number=profile_number(version, payload),
        profile=profile_read(version, int(place), payload),
        status=str(answer.get("status")),
        word=word_of(answer),
        same_place=False,
        now=now,
    )
