"""What a partner is to do in words of ours: one of our drivers' tokens, its place, its session."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models import IdToken
from emobility.lib.errors import Invalid
from ocpi.core.driver_objects import CHARGING_PREFERENCES, CHARGING_PROFILE
from ocpi.core.envelope import stamp
from ocpi.core.errors import ParametersInvalid
from ocpi.core.fields import Schema
from ocpi.core.own_tokens import token_render
from ocpi.core.versions import V211
from ocpi.models import Partner
from ocpi.selectors.identity import identity_of
from ocpi.selectors.own_tokens import own_tokens
from ocpi.services.sent_commands import METHODS, PREFERENCES, Wish

PLACE: Final = ("location_id", "evse_uid", "connector_id")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "START_SESSION": ("token", "location_id"),
    "STOP_SESSION": ("session_id",),
    "RESERVE_NOW": ("token", "location_id", "expiry_date", "reservation_id"),
    "CANCEL_RESERVATION": ("reservation_id",),
    "UNLOCK_CONNECTOR": PLACE,
    PREFERENCES: ("session_id", "profile_type"),
    "SET_PROFILE": ("session_id", "charging_profile"),
    "GET_PROFILE": ("session_id",),
    "CLEAR_PROFILE": ("session_id",),
}
"""What each command cannot do without."""
USED: Final[Mapping[str, tuple[str, ...]]] = {
    "START_SESSION": ("token", *PLACE, "authorization_reference"),
    "STOP_SESSION": ("session_id",),
    "RESERVE_NOW": (
        "token",
        "location_id",
        "evse_uid",
        "expiry_date",
        "reservation_id",
        "authorization_reference",
    ),
    "CANCEL_RESERVATION": ("reservation_id",),
    "UNLOCK_CONNECTOR": PLACE,
    PREFERENCES: ("session_id", "profile_type", "departure_time", "energy_need", "discharge_allowed"),
    "SET_PROFILE": ("session_id", "charging_profile"),
    "GET_PROFILE": ("session_id", "duration"),
    "CLEAR_PROFILE": ("session_id",),
}
"""What each command can say."""
MODULES: Final[Mapping[str, str]] = {PREFERENCES: "sessions"} | dict.fromkeys(METHODS, "chargingprofiles")
"""Whose endpoint each goes to, where it is not that of commands."""
AHEAD: Final = 3600
"""Seconds of the profile that are asked for where nobody says how many."""
LATER: Final = ("connector_id", "authorization_reference")
"""What 2.1.1 knows of no START_SESSION and RESERVE_NOW."""


def command_wish(*, partner: Partner, kind: str, params: Mapping[str, Any], now: datetime) -> Wish:
    """The command as the partner's version has it; `token` is the uid of one of our drivers' tokens.

    Raises Invalid, with its fields, for what is missing or not known.
    """
    if kind not in NEEDED:
        raise Invalid(_("There is no such command."), {"command": _("not known")})
    missing = {name: _("is needed") for name in NEEDED[kind] if not params.get(name)}
    if missing:
        raise Invalid(_("This command needs more."), missing)
    body = {name: params[name] for name in USED[kind] if params.get(name)}
    module = MODULES.get(kind, "commands")
    if module != "commands":
        return Wish(module, kind, _of_session(partner, kind, body))
    if "token" in body:
        body["token"] = _token(partner, str(body["token"]), now)
    if "expiry_date" in body:
        body["expiry_date"] = stamp(body["expiry_date"])
    return Wish(module, kind, body if partner.version != V211 else _older(kind, body))


def _of_session(partner: Partner, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Preferences and profiles of a session, checked as the partner will: since 2.2."""
    if partner.version == V211:
        raise Invalid(_("OCPI 2.1.1 knows nothing of this."), {"command": _("not in 2.1.1")})
    if kind == PREFERENCES:
        if "energy_need" in body:
            body["energy_need"] = float(body["energy_need"])
        if "departure_time" in body:
            body["departure_time"] = stamp(body["departure_time"])
        wish = {name: value for name, value in body.items() if name != "session_id"}
        _checked("profile_type", CHARGING_PREFERENCES, wish, partner.version)
    if kind == "SET_PROFILE":
        _checked("charging_profile", CHARGING_PROFILE, body["charging_profile"], partner.version)
    if kind == "GET_PROFILE":
        body.setdefault("duration", AHEAD)
    return body


def _checked(name: str, schema: Schema, value: Any, version: str) -> None:
    try:
        schema.parse(value, version)
    except ParametersInvalid as error:
        raise Invalid(error.message, {name: str(error.fields)}) from error


def _token(partner: Partner, uid: str, now: datetime) -> dict[str, Any]:
    token: IdToken | None = own_tokens(partner.organization_id, now).filter(uid_key=uid.upper()).first()
    if token is None:
        raise Invalid(_("This is no token of your drivers."), {"token": _("not known")})
    return token_render(token, identity_of(partner.organization), partner.version, now)


def _older(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The same in 2.1.1: reservations are numbers, some fields came later."""
    if kind == "CANCEL_RESERVATION":
        raise Invalid(_("OCPI 2.1.1 cannot cancel reservations."), {"command": _("not in 2.1.1")})
    if "reservation_id" in body:
        text = str(body["reservation_id"])
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise Invalid(_("In 2.1.1 it is a number."), {"reservation_id": _("is no number")})
        body["reservation_id"] = int(text)
    left_out = LATER if kind != "UNLOCK_CONNECTOR" else ()
    return {name: value for name, value in body.items() if name not in left_out}
