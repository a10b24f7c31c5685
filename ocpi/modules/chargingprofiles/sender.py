"""Charging profiles, sender: where operators tell results and changes of profiles (OCPI 2.2.1 §14.4.2)."""

from ocpi.core.callbacks import unwrapped
from ocpi.core.driver_objects import ACTIVE_CHARGING_PROFILE
from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.modules.chargingprofiles.schema import RESULT
from ocpi.services.sent_commands import active_profile_told, command_result

PROFILES_SENDER = Interface("chargingprofiles", SENDER, roles=("SCSP",), since="2.2.1")


@PROFILES_SENDER.on("POST", "result/{handle}")
def result_post(call: Call) -> Reply:
    """The result of the request whose address this is."""
    body = unwrapped(call)
    RESULT.parse(body, call.version)
    known = command_result(
        partner=call.peer, module="chargingprofiles", handle=call.params["handle"], body=body, now=call.now
    )
    if not known:
        raise ObjectUnknown("There is no such request.")
    return Reply()


@PROFILES_SENDER.on("PUT", "{session_id}")
def active_put(call: Call) -> Reply:
    """The active profile of a session changed (§14.4.2.2)."""
    call.read(ACTIVE_CHARGING_PROFILE)
    active_profile_told(
        partner=call.peer,
        session_id=call.params["session_id"][:36],
        version=call.version,
        profile=call.body,
        now=call.now,
    )
    return Reply()
