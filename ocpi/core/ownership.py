"""Whose object it is: address, body and registration must name the same party (OCPI 2.2.1 §4.1.5)."""

from collections.abc import Mapping
from typing import Any

from ocpi.core.errors import ObjectUnknown, ParametersInvalid
from ocpi.core.modules import Call
from ocpi.core.versions import covers
from ocpi.models import Partner
from ocpi.selectors.partners import owns

OPERATORS = ("CPO",)
PROVIDERS = ("EMSP",)
Owner = tuple[str, str]
"""Country code and party id, upper case."""


def same(one: str, other: str) -> bool:
    """CiStrings are compared without case."""
    return one.upper() == other.upper()


def named_in(version: str) -> bool:
    """True where objects name their owner themselves: from 2.2 on."""
    return covers(version, "2.2", None)


def owner_of(
    partner: Partner, version: str, body: Mapping[str, Any], roles: tuple[str, ...] = OPERATORS
) -> Owner:
    """The owner of an object without an address, as a list holds it; raises ParametersInvalid (2001).

    Objects of 2.1.1 name none: they belong to the party that the partner registered.
    """
    if named_in(version):
        owner = (str(body.get("country_code") or "").upper(), str(body.get("party_id") or "").upper())
    else:
        owner = (partner.country_code.upper(), partner.party_id.upper())
    if not owns(partner, *owner, roles):
        raise ParametersInvalid("The party of this object is not yours.")
    return owner


def check_owner(
    call: Call,
    body: Mapping[str, Any] | None = None,
    *,
    id_param: str = "",
    reading: bool = False,
    roles: tuple[str, ...] = OPERATORS,
) -> Owner:
    """The owner that the address names; refuses what belongs to somebody else: 2001, or 404 when reading.

    With a `body` its party, and with `id_param` its id, must be those of the address, where it has them.
    """
    body = body or {}
    if "country_code" not in call.params:
        return owner_of(call.peer, call.version, body)
    owner = (call.params["country_code"].upper(), call.params["party_id"].upper())
    if not owns(call.peer, *owner, roles):
        raise (ObjectUnknown if reading else ParametersInvalid)("The party of this object is not yours.")
    pairs = [("country_code", owner[0]), ("party_id", owner[1])] if named_in(call.version) else []
    if id_param:
        pairs.append(("id", call.params[id_param]))
    check_same(body, pairs)
    return owner


def check_same(body: Mapping[str, Any], pairs: list[tuple[str, str]]) -> None:
    """Refuse (2001) a body whose fields, where it has them, are not those of the address."""
    for name, wanted in pairs:
        if name in body and not same(str(body[name]), wanted):
            raise ParametersInvalid(f"{name} is not the one of the address.", {name: "differs"})
