"""Bodies of callbacks: bare by the specification, in an envelope by some partners."""

from typing import Any

from ocpi.core.errors import ParametersInvalid
from ocpi.core.leniency import meet
from ocpi.core.modules import Call
from ocpi.models.deviation import Sloppiness


def unwrapped(call: Call) -> dict[str, Any]:
    """The object of a callback. Raises ParametersInvalid (2001) for none, or a form that is not tolerated."""
    body = call.body
    if isinstance(body, dict) and "result" not in body and isinstance(body.get("data"), dict):
        meet(call.peer, Sloppiness.CALLBACK_FORM, f"{call.method} in an envelope", call.now)
        body = body["data"]
    if not isinstance(body, dict):
        raise ParametersInvalid("The body is no object.")
    return body
