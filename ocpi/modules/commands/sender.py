"""Commands, sender: where partners tell what became of our commands (OCPI 2.2.1 §13.2.2)."""

from typing import Any

from ocpi.core.callbacks import unwrapped
from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.modules.commands.schema import COMMAND_RESULT
from ocpi.services.sent_commands import command_result

COMMANDS_SENDER = Interface("commands", SENDER, roles=("EMSP",))


@COMMANDS_SENDER.on("POST", "{command}/{handle}")
def result_post(call: Call) -> Reply:
    """The result of the command whose address this is; bare or in an envelope (§13.2.2.1)."""
    body: dict[str, Any] = unwrapped(call)
    COMMAND_RESULT.parse(body, call.version)
    known = command_result(
        partner=call.peer, module="commands", handle=call.params["handle"], body=body, now=call.now
    )
    if not known:
        raise ObjectUnknown("There is no such command.")
    return Reply()
