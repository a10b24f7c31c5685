"""Tokens, sender: our drivers' tokens as a list, and whether one may charge now (OCPI 2.2.1 §12.2.2)."""

import uuid
from typing import Any

from ocpi.core.errors import InformationMissing, TokenObjectUnknown
from ocpi.core.leniency import meet
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.own_tokens import allowed_word, token_object, token_render
from ocpi.core.ownership import same
from ocpi.core.paging import read_page
from ocpi.core.tokens import RFID, ocpi_type
from ocpi.models.deviation import Sloppiness
from ocpi.modules.tokens.schema import AUTHORIZATION_INFO, LOCATION_REFERENCES
from ocpi.selectors.identity import identity_of
from ocpi.selectors.own_tokens import OwnToken, own_token_find, own_tokens

TOKENS_SENDER = Interface("tokens", SENDER, roles=("EMSP",))
INFO = {
    "BLOCKED": "This card is blocked.",
    "EXPIRED": "This card has expired.",
    "NO_CREDIT": "There is not enough credit.",
    "NOT_ALLOWED": "This card is not for this place.",
}


@TOKENS_SENDER.on("GET")
def tokens_list(call: Call) -> Reply:
    """Our drivers' tokens, oldest first (§12.2.2.1)."""
    page = read_page(call.query)
    found = own_tokens(call.organization.pk, call.now)
    if page.date_from:
        found = found.filter(changed__gte=page.date_from)
    if page.date_to:
        found = found.filter(changed__lt=page.date_to)
    own, total = identity_of(call.organization), found.count()
    rows = found.order_by("pk")[page.offset : page.offset + page.limit]
    objects = [token_render(token, own, call.version, call.now) for token in rows]
    return Reply(objects, headers=page.headers(call.url, total))


@TOKENS_SENDER.on("POST", "{token_uid}/authorize", body_optional=True)
def authorize(call: Call) -> Reply:
    """May this token charge now, and there? 404 and 2004 for an unknown one (§12.2.2.2)."""
    place = None if call.body is None else LOCATION_REFERENCES.parse(call.body, call.version)
    found = _found(call)
    token, limited = found.row, found.limited
    if place is None and limited:
        raise InformationMissing("This token is good at certain places only: say where.")
    allowed = allowed_word(token, call.now)
    if allowed == "ALLOWED" and limited:
        allowed = "NOT_ALLOWED"  # its places are ours
    own = identity_of(call.organization)
    answer: dict[str, Any] = {
        "allowed": allowed,
        "token": token_object(token, own, call.version, call.now),
        "location": place if allowed == "ALLOWED" else None,
        "authorization_reference": str(uuid.uuid4()) if allowed == "ALLOWED" else None,
        "info": _info(allowed),
    }
    return Reply(AUTHORIZATION_INFO.render(answer, call.version))


@TOKENS_SENDER.on("POST", "{country_code}/{party_id}/{token_uid}/authorize", body_optional=True)
def authorize_with_owner(call: Call) -> Reply:
    """The same under country and party, as some operators ask, if the partner may."""
    meet(call.peer, Sloppiness.AUTHORIZE_UNDER_PARTY, "POST tokens", call.now)
    own = identity_of(call.organization)
    if not (
        same(call.params["country_code"], own.country_code) and same(call.params["party_id"], own.party_id)
    ):
        raise TokenObjectUnknown("This token is not known.")
    return authorize(call)


def _found(call: Call) -> OwnToken:
    """`type` and `token_type` mean the same (2.1.1 names both); RFID where neither is said."""
    wanted = call.query.get("type") or call.query.get("token_type") or RFID
    found = own_token_find(call.organization.pk, call.params["token_uid"])
    if found is None or not same(ocpi_type(found.row.token_type, call.version), wanted):
        raise TokenObjectUnknown("This token is not known.")
    return found


def _info(allowed: str) -> dict[str, str] | None:
    return {"language": "en", "text": INFO[allowed]} if allowed in INFO else None
