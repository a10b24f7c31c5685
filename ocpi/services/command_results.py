"""What became of an order, in the words of OCPI (2.2.1 §13.4.2, 2.1.1 commands §4.1, 2.2.1 §14.5.8)."""

from collections.abc import Mapping
from typing import Any, Final

from central.models import Command, CompositeSchedule, Connector, Session
from central.models.session import SessionState
from ocpi.core.envelope import stamp
from ocpi.models import ReceivedCommand

ENDED: Final[Mapping[str, str]] = {
    "accepted": "ACCEPTED",
    "rejected": "REJECTED",
    "failed": "FAILED",
    "timed_out": "TIMEOUT",
    "unknown": "TIMEOUT",
    "expired": "TIMEOUT",
    "cancelled": "REJECTED",
}
"""Outcome of a command -> CommandResultType."""
RESERVING: Final[Mapping[str, str]] = {
    "Occupied": "EVSE_OCCUPIED",
    "Faulted": "EVSE_INOPERATIVE",
    "Unavailable": "EVSE_INOPERATIVE",
}
UNLOCKING: Final[Mapping[str, str]] = {
    "UnlockFailed": "FAILED",
    "NotSupported": "NOT_SUPPORTED",
    "OngoingAuthorizedTransaction": "EVSE_OCCUPIED",
}
NOT_SUPPORTED: Final = ("NotSupported", "NotImplemented", "OCPP ", "Not valid in OCPP")
"""How errors begin that say so: the charge point's, and those of orders that its version cannot carry."""
BROKEN: Final = ("Faulted", "Unavailable")
ACTIVE_KINDS: Final = ("GET_PROFILE", "ACTIVE_PROFILE")
OLD: Final = frozenset({"ACCEPTED", "REJECTED", "NOT_SUPPORTED", "TIMEOUT", "UNKNOWN_SESSION"})


def word_of(row: ReceivedCommand, command: Command) -> tuple[dict[str, Any], str]:
    """The result of a finished order as its callback's body, and why it is that."""
    if row.module != "commands":
        return _profile_word(row, command)
    outcome, word = str(command.outcome), _status(command)
    result = ENDED.get(outcome, "FAILED")
    if outcome == "rejected":
        result = _refused(row, command, word)
    elif outcome == "failed" and command.error.startswith(NOT_SUPPORTED):
        result = "NOT_SUPPORTED"
    return {"result": result_in(row.version, result)}, _why(command, result)


def late_word(row: ReceivedCommand) -> dict[str, Any]:
    """The result where the charge point is silent; charging profiles know no TIMEOUT."""
    return {"result": "TIMEOUT" if row.module == "commands" else "REJECTED"}


def _profile_word(row: ReceivedCommand, command: Command) -> tuple[dict[str, Any], str]:
    """ChargingProfileResultType: ACCEPTED, REJECTED or UNKNOWN; with the profile where that was asked for."""
    result = "ACCEPTED" if command.outcome == "accepted" else "REJECTED"
    if row.kind == "CLEAR_PROFILE" and command.outcome == "rejected":
        result = "UNKNOWN"
    body: dict[str, Any] = {"result": result}
    if result == "ACCEPTED" and row.kind in ACTIVE_KINDS:
        profile = active_profile(command)
        body = body | {"profile": profile} if profile else {"result": "REJECTED"}
    return body, _why(command, result)


def active_profile(command: Command) -> dict[str, Any] | None:
    """The composite schedule that an order brought as ActiveChargingProfile (OCPI 2.2.1 §14.5.1)."""
    row = CompositeSchedule.objects.filter(command=command).order_by("-id").first()
    periods = row.schedule.get("chargingSchedulePeriod") if row else None
    if row is None or not isinstance(periods, list):
        return None
    found: dict[str, Any] = {
        "start_date_time": stamp(row.starts_at),
        "charging_rate_unit": row.unit or "W",
        "charging_profile_period": [
            {"start_period": int(each["startPeriod"]), "limit": each["limit"]} for each in periods
        ],
    }
    if row.duration is not None:
        found["duration"] = row.duration
    return {"start_date_time": stamp(row.starts_at), "charging_profile": found}


def _why(command: Command, result: str) -> str:
    return "" if result == "ACCEPTED" else command.error or _status(command)


def result_in(version: str, result: str) -> str:
    """A result as a version has it: 2.1.1 knows five words."""
    return result if version != "2.1.1" or result in OLD else "REJECTED"


def _status(command: Command) -> str:
    answer: Any = command.answer
    return str(answer.get("status") or "") if isinstance(answer, dict) else ""


def _refused(row: ReceivedCommand, command: Command, word: str) -> str:
    if row.kind == "RESERVE_NOW":
        return RESERVING.get(word, "REJECTED")
    if row.kind == "CANCEL_RESERVATION":
        return "UNKNOWN_RESERVATION"
    if row.kind == "UNLOCK_CONNECTOR":
        return UNLOCKING.get(word, "REJECTED")
    return _why_no_start(command) if row.kind == "START_SESSION" else "REJECTED"


def _why_no_start(command: Command) -> str:
    """Charge points only say Rejected; what we know of the EVSE says why."""
    number = command.params.get("evse_number")
    place = {"charge_point_id": command.charge_point_id}
    running = Session.objects.filter(**place, state=SessionState.ACTIVE)
    plugs = Connector.objects.filter(**place)
    if number:
        running, plugs = running.filter(evse_number=number), plugs.filter(evse__number=number)
        if running.exists():
            return "EVSE_OCCUPIED"
    states = set(plugs.values_list("status", flat=True))
    return "EVSE_INOPERATIVE" if states and states <= set(BROKEN) else "REJECTED"
