"""Commands, receiver: what partners order for their drivers at our charge points (OCPI 2.2.1 §13.2.1)."""

from typing import Any

from ocpi.core.modules import RECEIVER, Call, Interface, Reply
from ocpi.core.versions import covers
from ocpi.modules.commands.schema import COMMAND_RESPONSE, COMMANDS, SINCE
from ocpi.services.command_orders import ACTS
from ocpi.services.received_commands import Answered, Asked, command_receive

COMMANDS_RECEIVER = Interface("commands", RECEIVER, roles=("CPO",))


@COMMANDS_RECEIVER.on("POST", "{command}")
def command_post(call: Call) -> Reply:
    """Take a command; its result follows at `response_url` (§13.2.1.1)."""
    kind = call.params["command"]
    schema = COMMANDS.get(kind)
    if schema is None or not covers(call.version, SINCE.get(kind), None):
        return _reply(call, Answered("NOT_SUPPORTED", "There is no such command here."))
    body = call.read(schema, needed=("response_url", "token", "session_id", "location_id"))
    asked = Asked(call.peer, "commands", kind, call.version, body, call.body, call.now)
    return _reply(call, command_receive(asked=asked, act=ACTS[kind]))


def _reply(call: Call, answered: Answered) -> Reply:
    answer: dict[str, Any] = {"result": answered.response, "timeout": answered.timeout}
    if answered.message:
        answer["message"] = [{"language": "en", "text": answered.message[:512]}]
    return Reply(
        COMMAND_RESPONSE.render(COMMAND_RESPONSE.cut(answer, call.version), call.version),
        status_code=answered.status_code,
        message=answered.message or "Success",
    )
