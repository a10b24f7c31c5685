"""Plain words for the protocol's: orders, their states, reasons of an end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session, WantedAvailability
from central.models.command import CommandState
from central.models.session import SessionState
from central.models.wanted_availability import Wanted
from central.selectors.overview import CONNECTOR_WORDS, STATES, state_since
from emobility.lib.display import badge, code, link
from registry.admin.actions import object_url

COMMAND_TONES: Final = {
    CommandState.QUEUED: "info",
    CommandState.SENT: "busy",
    CommandState.ACCEPTED: "good",
    CommandState.REJECTED: "bad",
    CommandState.FAILED: "bad",
    CommandState.TIMED_OUT: "bad",
    CommandState.UNKNOWN: "warn",
    CommandState.EXPIRED: "warn",
    CommandState.CANCELLED: "mute",
}
GROUP_WORDS: Final = {
    "operation": _("Operation"),
    "drivers": _("Drivers"),
    "authorisation": _("Authorisation"),
    "reservations": _("Reservations"),
    "smart charging": _("Smart charging"),
    "grid": _("Grid"),
    "prices": _("Prices"),
    "configuration": _("Configuration"),
    "monitoring": _("Monitoring"),
    "firmware": _("Firmware"),
    "logs": _("Logs and diagnostics"),
    "security": _("Security"),
    "display": _("Display"),
    "special": _("Special"),
}
"""Subjects of orders, as pages list them; others follow by name."""
STOP_REASONS: Final = {
    "DeAuthorized": _("Tag no longer accepted"),
    "EmergencyStop": _("Emergency stop pressed"),
    "EnergyLimitReached": _("Energy limit reached"),
    "EVDisconnected": _("Cable unplugged by the car"),
    "GroundFault": _("Ground fault"),
    "HardReset": _("Hard reset"),
    "ImmediateReset": _("Reset"),
    "Local": _("Ended at the charge point"),
    "LocalOutOfCredit": _("Out of credit"),
    "MasterPass": _("Ended with a master pass"),
    "Other": _("Another reason"),
    "OvercurrentFault": _("Overcurrent"),
    "PowerLoss": _("Power was lost"),
    "PowerQuality": _("Poor power quality"),
    "Reboot": _("Reboot"),
    "Remote": _("Stopped from here"),
    "SOCLimitReached": _("Battery full enough"),
    "SoftReset": _("Soft reset"),
    "StoppedByEV": _("Stopped by the car"),
    "TimeLimitReached": _("Time limit reached"),
    "Timeout": _("Nobody plugged in in time"),
    "UnlockCommand": _("Connector unlocked"),
}


def command_badge(command: Command, now: datetime) -> SafeString:
    """The state of a command with its age."""
    since = command.finished_at or command.sent_at or command.created_at
    state = CommandState(command.outcome)
    return badge(state.label.capitalize(), COMMAND_TONES[state], since, now)


def command_link(command: Command | None) -> Any:
    """A command by its state, where there is one."""
    return link(object_url(command), command.get_state_display()) if command is not None else ""


def stop_words(reason: str) -> SafeString | str:
    """The reason of an end in plain words, the protocol's beside them."""
    if not reason:
        return ""
    return format_html("{} {}", STOP_REASONS.get(reason, ""), code(f"({reason})"))


def state_badge(charge_point: Any, now: datetime) -> SafeString:
    """The state of a charge point with its age."""
    word, tone = STATES[charge_point.state]
    return badge(word, tone, state_since(charge_point), now)


def connector_badge(connector: Any, now: datetime, *, online: bool = True) -> SafeString:
    """The state of a connector with its age; what an offline one last said is shown as past."""
    word, tone = CONNECTOR_WORDS.get(connector.status, (connector.status or _("Unknown"), "mute"))
    return badge(word, tone if online else "mute", connector.status_at, now)


def session_badge(session: Session, now: datetime) -> SafeString:
    """The state of a session; what waits for a person says so."""
    if session.needs_review:
        return badge(_("Needs review"), "warn", session.ended_at or session.started_at, now)
    if session.state == SessionState.ACTIVE:
        return badge(_("Charging"), "busy", session.started_at, now)
    return badge(_("Ended"), "mute", session.ended_at, now)


def wanted_of(connector: Any, rows: Iterable[WantedAvailability], now: datetime) -> list[SafeString]:
    """The wishes for a connector and for its EVSE that it does not show already."""
    places = {(connector.evse.number, 0), (connector.evse.number, connector.number)}
    return [
        wanted_badge(row, now, short=True)
        for row in rows
        if (row.evse_number, row.connector_number) in places
        and (row.wanted == Wanted.INOPERATIVE) != (connector.status == "Unavailable")
    ]


def wanted_badge(row: WantedAvailability, now: datetime, *, short: bool = False) -> SafeString:
    """What a place was asked to be and agreed to; `short` beside its state."""
    out = row.wanted == Wanted.INOPERATIVE
    word = _("Out of service wanted") if out else _("In service wanted")
    if short:
        word = _("Wanted out") if out else _("Wanted in")
    if row.scheduled:
        word = _("Out after the session") if out else _("In after the session")
    return badge(word, "warn" if out else "good", None if short else row.at, now)
