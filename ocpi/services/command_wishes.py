"""A command to a partner in words of ours: one of our drivers' tokens, its place, its session."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models import IdToken
from emobility.lib.errors import Invalid
from ocpi.core.envelope import stamp
from ocpi.core.own_tokens import token_render
from ocpi.models import Partner
from ocpi.selectors.identity import identity_of
from ocpi.selectors.own_tokens import own_tokens
from ocpi.services.sent_commands import Wish

PLACE: Final = ("location_id", "evse_uid", "connector_id")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "START_SESSION": ("token", "location_id"),
    "STOP_SESSION": ("session_id",),
    "RESERVE_NOW": ("token", "location_id", "expiry_date", "reservation_id"),
    "CANCEL_RESERVATION": ("reservation_id",),
    "UNLOCK_CONNECTOR": PLACE,
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
}
"""What each command can say."""
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
    if "token" in body:
        body["token"] = _token(partner, str(body["token"]), now)
    if "expiry_date" in body:
        body["expiry_date"] = stamp(body["expiry_date"])
    return Wish("commands", kind, body if partner.version != "2.1.1" else _older(kind, body))


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
