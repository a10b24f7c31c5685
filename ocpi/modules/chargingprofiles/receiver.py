"""Charging profiles, receiver: partners limit their drivers' sessions (OCPI 2.2.1 §14.4.1)."""

from collections.abc import Mapping
from typing import Any, Final

from ocpi.core.errors import ParametersInvalid
from ocpi.core.modules import RECEIVER, Call, Interface, Reply
from ocpi.modules.chargingprofiles.schema import RESPONSE, SET_CHARGING_PROFILE
from ocpi.services import profile_orders as orders
from ocpi.services.received_commands import Act, Asked, command_receive

PROFILES_RECEIVER = Interface("chargingprofiles", RECEIVER, roles=("CPO",), since="2.2.1")
ADDRESS: Final = "{session_id}"
LONGEST: Final = 7 * 24 * 3600


@PROFILES_RECEIVER.on("GET", ADDRESS)
def profile_read(call: Call) -> Reply:
    """Have the charge point asked for its plan; it follows as ActiveChargingProfileResult."""
    duration = call.query.get("duration", "")
    if not (duration.isascii() and duration.isdecimal() and 0 < len(duration) < 8 and int(duration)):
        raise ParametersInvalid("duration is no number of seconds.", {"duration": "is missing or wrong"})
    body = {"duration": min(int(duration), LONGEST), "response_url": _url(call)}
    return _receive(call, orders.GET, body, orders.profile_get)


@PROFILES_RECEIVER.on("PUT", ADDRESS)
def profile_put(call: Call) -> Reply:
    """A profile for the session, new or another one."""
    body = call.read(SET_CHARGING_PROFILE, needed=("charging_profile", "response_url"))
    if not body["charging_profile"].get("charging_profile_period"):
        raise ParametersInvalid("The profile has no period.", {"charging_profile_period": "is missing"})
    return _receive(call, orders.SET, body, orders.profile_set)


@PROFILES_RECEIVER.on("DELETE", ADDRESS)
def profile_delete(call: Call) -> Reply:
    """The session's profile is taken away."""
    return _receive(call, orders.CLEAR, {"response_url": _url(call)}, orders.profile_clear)


def _url(call: Call) -> str:
    """`response_url` of requests without a body."""
    url = call.query.get("response_url", "")
    if not url or len(url) > 255:
        raise ParametersInvalid("response_url is missing.", {"response_url": "is missing or too long"})
    return url


def _receive(call: Call, kind: str, body: Mapping[str, Any], act: Act) -> Reply:
    session = {"session_id": call.params["session_id"]}
    payload = {**session, **(call.body if isinstance(call.body, dict) else body)}
    asked = Asked(call.peer, orders.MODULE, kind, call.version, {**body, **session}, payload, call.now)
    answered = command_receive(asked=asked, act=act)
    answer = {"result": answered.response, "timeout": answered.timeout}
    return Reply(RESPONSE.render(answer, call.version), message=answered.message or "Success")
