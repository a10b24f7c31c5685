"""Our drivers' tokens as OCPI Token objects (2.2.1 §12.3.2)."""

from datetime import datetime
from typing import Any

from central.models import IdToken
from central.models.id_token import Whitelist
from ocpi.core.fields import NOT_AVAILABLE
from ocpi.core.tokens import RFID, TOKEN, ocpi_type
from ocpi.selectors.identity import Identity
from ocpi.selectors.own_tokens import changed_at


def token_render(token: IdToken, own: Identity, version: str, now: datetime) -> dict[str, Any]:
    """The object of a token that was read with its group."""
    return TOKEN.render(token_object(token, own, version, now), version)


def token_object(token: IdToken, own: Identity, version: str, now: datetime) -> dict[str, Any]:
    """The same before it is written: part of another object, or a whole one."""
    contract_id = token.contract_id or f"{own.country_code}-{own.party_id}-C{token.pk:09d}"
    return {
        "country_code": own.country_code,
        "party_id": own.party_id,
        "uid": token.uid,
        "type": ocpi_type(token.token_type, version),
        "auth_id": contract_id,
        "contract_id": contract_id,
        "visual_number": token.visual_number or None,
        "issuer": own.name[:64] or NOT_AVAILABLE,
        "group_id": token.group.uid if token.group and token.group.uid.isascii() else None,
        "valid": is_valid(token, now),
        "whitelist": whitelist_of(token),
        "language": token.language[:2] if len(token.language) >= 2 else None,
        "last_updated": changed_at(token, now),
    }


def whitelist_of(token: IdToken) -> str:
    """What was set; else NEVER for tokens of apps, which no charge point reads (§12.4.4), and ALLOWED."""
    is_card = ocpi_type(token.token_type, "2.2.1") == RFID
    return token.whitelist or (Whitelist.ALLOWED if is_card else Whitelist.NEVER)


def is_valid(token: IdToken, now: datetime) -> bool:
    """True where the token may be used at all; credit and place are asked about in real time."""
    return allowed_word(token, now) in {"ALLOWED", "NO_CREDIT"}


def allowed_word(token: IdToken, now: datetime) -> str:
    """AllowedType of a token now, wherever it is used."""
    if token.blocked or (token.group is not None and token.group.blocked):
        return "BLOCKED"
    if token.expires_at is not None and token.expires_at <= now:
        return "EXPIRED"
    if token.valid_from is not None and token.valid_from > now:
        return "NOT_ALLOWED"
    return "NO_CREDIT" if token.out_of_credit else "ALLOWED"
