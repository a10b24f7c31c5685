"""Whose object it is: address, body and registration must name the same party (OCPI 2.2.1 §4.1.5)."""

from collections.abc import Mapping
from typing import Any

from ocpi.core.errors import ObjectUnknown, ParametersInvalid
from ocpi.core.modules import Call
from ocpi.selectors.partners import owns

OPERATORS = ("CPO",)


def same(one: str, other: str) -> bool:
    """CiStrings are compared without case."""
    return one.upper() == other.upper()


def check_owner(
    call: Call, body: Mapping[str, Any] | None = None, *, id_param: str = "", reading: bool = False
) -> None:
    """Refuse what belongs to somebody else: 2001, or 404 when reading.

    With a `body` its party, and with `id_param` its id, must be those of the address, where it has them.
    """
    body = body or {}
    country_code = call.params.get("country_code", body.get("country_code", ""))
    party_id = call.params.get("party_id", body.get("party_id", ""))
    if not owns(call.peer, country_code, party_id, OPERATORS):
        raise (ObjectUnknown if reading else ParametersInvalid)("The party of this object is not yours.")
    pairs = [("country_code", country_code), ("party_id", party_id)]
    if id_param:
        pairs.append(("id", call.params[id_param]))
    for name, wanted in pairs:
        if name in body and not same(str(body[name]), wanted):
            raise ParametersInvalid(f"{name} is not the one of the address.", {name: "differs"})
