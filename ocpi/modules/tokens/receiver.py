"""Tokens, receiver: what providers tell us of their drivers' tokens (OCPI 2.2.1 §12.2.1)."""

from typing import Any

from ocpi.core.errors import ParametersInvalid, TokenObjectUnknown
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.ownership import PROVIDERS, check_owner, owner_of, same
from ocpi.core.tokens import RFID, TOKEN
from ocpi.models import ReceivedToken
from ocpi.services.received_tokens import TokenKey, token_find, token_merge, token_store

TOKENS_RECEIVER = Interface("tokens", RECEIVER, roles=("CPO",))
ADDRESS = "{country_code}/{party_id}/{token_uid}"


def _key(call: Call, token_type: str) -> TokenKey:
    params = call.params
    return TokenKey(params["country_code"], params["party_id"], params["token_uid"], token_type)


def _found(call: Call) -> ReceivedToken:
    row = token_find(
        partner=call.peer, key=_key(call, call.query.get("type") or RFID), exact="type" in call.query
    )
    if row is None:
        raise TokenObjectUnknown("This token is not known.")
    return row


@TOKENS_RECEIVER.on("GET", ADDRESS)
def token_read(call: Call) -> Reply:
    """The token as its owner told it, word for word."""
    check_owner(call, reading=True, roles=PROVIDERS)
    return Reply(_found(call).payload)


@TOKENS_RECEIVER.on("PUT", ADDRESS)
def token_put(call: Call) -> Reply:
    """A new or changed token; its type is that of the body where the address leaves it out."""
    check_owner(call, roles=PROVIDERS)
    parsed = TOKEN.parse(call.body, call.version)
    _check_same(call, parsed, call.query.get("type"))
    created = token_store(
        partner=call.peer,
        key=_key(call, parsed["type"]),
        payload=call.body,
        parsed=parsed,
        version=call.version,
        now=call.now,
    )
    return Reply(http_status=201 if created else 200)


@storer("tokens")
def token_keep(arrival: Arrival) -> bool:
    """A token out of its provider's list."""
    parsed = TOKEN.parse(arrival.body, arrival.version)
    owner = owner_of(arrival.partner, arrival.version, parsed, PROVIDERS)
    return token_store(
        partner=arrival.partner,
        key=TokenKey(*owner, parsed["uid"], parsed["type"]),
        payload=arrival.body,
        parsed=parsed,
        version=arrival.version,
        now=arrival.now,
    )


@TOKENS_RECEIVER.on("PATCH", ADDRESS)
def token_patch(call: Call) -> Reply:
    """Some fields of a known token; from 2.2 on with `last_updated` (§12.2.1.3)."""
    check_owner(call, roles=PROVIDERS)
    changes = TOKEN.parse_partial(call.body, call.version)
    if "last_updated" not in changes and call.version != "2.1.1":
        raise ParametersInvalid("last_updated is missing.", {"last_updated": "is missing"})
    row = _found(call)
    _check_same(call, changes, row.token_type)
    token_merge(
        row=row,
        changes=call.body,
        last_updated=changes.get("last_updated"),
        parse=lambda payload: TOKEN.parse(payload, call.version),
        now=call.now,
    )
    return Reply()


def _check_same(call: Call, body: dict[str, Any], token_type: str | None) -> None:
    """Owner, uid and type of the body must be those of the address."""
    check_owner(call, body, roles=PROVIDERS)
    wanted = {"uid": call.params["token_uid"], "type": token_type}
    for name, value in wanted.items():
        if value and name in body and not same(body[name], value):
            raise ParametersInvalid(f"{name} is not the one of the address.", {name: "differs"})
