"""The answer about a token as each version writes it."""

from typing import Any, Final

from central.ocpp.vocabulary import format_time
from central.services.authorization import Authorization, AuthorizationStatus

BLOCKED: Final = AuthorizationStatus.BLOCKED
KNOWN_1_6: Final = frozenset(
    {
        AuthorizationStatus.ACCEPTED,
        BLOCKED,
        AuthorizationStatus.EXPIRED,
        AuthorizationStatus.INVALID,
        AuthorizationStatus.CONCURRENT_TX,
    }
)
"""1.6 AuthorizationStatus (§7.2)."""


def id_tag_info(authorization: Authorization) -> dict[str, Any]:
    """1.6 IdTagInfo (§7.27): what it has no word for is Blocked; a parent above 20 characters is left out."""
    status = authorization.status
    info: dict[str, Any] = {"status": (status if status in KNOWN_1_6 else BLOCKED).value}
    if authorization.expires_at is not None:
        info["expiryDate"] = format_time(authorization.expires_at)
    if 0 < len(authorization.group_uid) <= 20:
        info["parentIdTag"] = authorization.group_uid
    return info


def id_token_info(authorization: Authorization) -> dict[str, Any]:
    """2.x IdTokenInfoType (part 2 §2.28)."""
    info: dict[str, Any] = {"status": authorization.status.value}
    if authorization.expires_at is not None:
        info["cacheExpiryDateTime"] = format_time(authorization.expires_at)
    if authorization.group_uid:
        info["groupIdToken"] = {"idToken": authorization.group_uid, "type": "Central"}
    if authorization.evse_numbers:
        info["evseId"] = list(authorization.evse_numbers)
    if authorization.language:
        info["language1"] = authorization.language
    if authorization.message:
        info["personalMessage"] = _message(authorization)
    return info


def _message(authorization: Authorization) -> dict[str, Any]:
    """2.x MessageContentType (part 2 §2.33)."""
    content = {"format": "UTF8", "content": authorization.message}
    return content | ({"language": authorization.language} if authorization.language else {})
