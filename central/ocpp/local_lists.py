"""Local lists on the wire: 1.6 AuthorizationData (§7.2) and 2.x AuthorizationData (part 2 §2.4)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from central.ocpp.tokens import KNOWN_1_6
from central.services.authorization import AuthorizationStatus
from central.services.local_list_content import CENTRAL, Entry

STATUSES: Final = tuple(status.value for status in AuthorizationStatus if status in KNOWN_1_6)
"""What a list written by hand may answer, in every version."""


def list_request(version: str, number: int, *, full: bool, entries: Sequence[Entry]) -> dict[str, Any]:
    """SendLocalList; a list without entries is left out (2.x minItems 1, D01.FR.04)."""
    request: dict[str, Any] = {
        "listVersion" if version == "1.6" else "versionNumber": number,
        "updateType": "Full" if full else "Differential",
    }
    if entries:
        request["localAuthorizationList"] = [_written(version, entry) for entry in entries]
    return request


def list_number(request: dict[str, Any]) -> int:
    """The version that a request gives its list."""
    return int(request.get("listVersion", request.get("versionNumber", 0)))


def list_entries(request: dict[str, Any]) -> list[Entry]:
    """What a request says, whoever wrote it."""
    return [_read(each) for each in request.get("localAuthorizationList") or ()]


def entries_of_text(text: str) -> list[Entry]:
    """Entries as an operator writes them: a tag each line, its status behind it. Raises ValueError.

    A tag alone goes without a status: in a differential list that takes it off.
    """
    entries = []
    for line in text.splitlines():
        parts = line.replace(",", " ").replace(";", " ").split()
        if not parts:
            continue
        if len(parts) > 2 or (len(parts) == 2 and parts[1] not in STATUSES):
            raise ValueError(
                _("Write a tag, and one of {words} behind it: {line}").format(
                    words=", ".join(STATUSES), line=line[:60]
                )
            )
        entries.append(Entry(parts[0], "", {"status": parts[1]} if len(parts) == 2 else None))
    return entries


def with_types(entries: Iterable[Entry], types: dict[str, str]) -> list[Entry]:
    """The same entries with the types that 2.x needs; `types` by upper-case tag."""
    return [Entry(entry.uid, types.get(entry.uid.upper(), CENTRAL), entry.info) for entry in entries]


def _written(version: str, entry: Entry) -> dict[str, Any]:
    info = None if entry.info is None else dict(entry.info)
    if version == "1.6":
        return {"idTag": entry.uid} | ({} if info is None else {"idTagInfo": _info_1_6(info)})
    token = {"idToken": entry.uid, "type": entry.token_type or CENTRAL}
    written: dict[str, Any] = {"idToken": token}
    return written if info is None else written | {"idTokenInfo": _info_2(info)}


def _info_1_6(info: dict[str, Any]) -> dict[str, Any]:
    names = {"status": "status", "expires_at": "expiryDate", "group": "parentIdTag"}
    return {names[name]: value for name, value in info.items() if name in names}


def _info_2(info: dict[str, Any]) -> dict[str, Any]:
    names = {
        "status": "status",
        "expires_at": "cacheExpiryDateTime",
        "evses": "evseId",
        "language": "language1",
    }
    written = {names[name]: value for name, value in info.items() if name in names}
    if "group" in info:
        written["groupIdToken"] = {"idToken": info["group"], "type": "Central"}
    if "message" in info:
        spoken = {"language": info["language"]} if "language" in info else {}
        written["personalMessage"] = {"format": "UTF8", "content": info["message"]} | spoken
    return written


def _read(each: dict[str, Any]) -> Entry:
    if "idTag" in each:
        told = each.get("idTagInfo")
        return Entry(each["idTag"], "", None if told is None else _told_1_6(told))
    told = each.get("idTokenInfo")
    token = each["idToken"]
    return Entry(token["idToken"], token["type"], None if told is None else _told_2(told))


def _told_1_6(told: dict[str, Any]) -> dict[str, Any]:
    info = {
        "status": told["status"],
        "expires_at": told.get("expiryDate"),
        "group": told.get("parentIdTag"),
    }
    return {name: value for name, value in info.items() if value}


def _told_2(told: dict[str, Any]) -> dict[str, Any]:
    info = {
        "status": told["status"],
        "expires_at": told.get("cacheExpiryDateTime"),
        "group": (told.get("groupIdToken") or {}).get("idToken"),
        "evses": told.get("evseId"),
        "language": told.get("language1"),
        "message": (told.get("personalMessage") or {}).get("content"),
    }
    return {name: value for name, value in info.items() if value}
