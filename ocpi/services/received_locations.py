"""Stores partners' locations, whole or one EVSE or connector at a time (OCPI 2.2.1 §8.2.2).

What changes inside raises `last_updated` of all that is around it; nothing older than what we have changes
anything, at each level for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ocpi.core.envelope import stamp
from ocpi.core.errors import LocationUnknown, ParametersInvalid
from ocpi.core.fields import parse_moment
from ocpi.core.ownership import same
from ocpi.models import ReceivedLocation
from ocpi.services.received import Check, Told, object_store

LEVELS = (("evses", "uid"), ("connectors", "id"))
"""Below a location: the list that holds the parts, and what names one."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a PUT or PATCH is about: `path` is (EVSE uid,) or (EVSE uid, connector id), empty for the whole.

    `body` is the part as it came; without `last_updated` (a PATCH of 2.1.1) it is `now`.
    """

    path: tuple[str, ...]
    body: Mapping[str, Any]
    last_updated: datetime | None
    now: datetime

    @property
    def since(self) -> datetime:
        """Since when it is so."""
        return self.last_updated or self.now


def location_store(*, told: Told) -> bool:
    """Keep a location as it is now; True where it is new (OCPI 2.2.1 §8.2.2.2)."""
    with transaction.atomic():
        return object_store(ReceivedLocation, told, **columns_of(told.payload), removed_at=None)[1]


def location_part_put(*, row: ReceivedLocation, part: Part, check: Check) -> bool:
    """Add or replace an EVSE or a connector; True where it is new. Raises LocationUnknown (404, 2003)."""
    with transaction.atomic():
        held = ReceivedLocation.objects.select_for_update().get(pk=row.pk)
        *above, wanted = part.path
        around = _around(held.payload, above)
        siblings: list[Any] = around[-1].setdefault(LEVELS[len(above)][0], [])
        place = _place(siblings, LEVELS[len(above)][1], wanted)
        if place is None:
            siblings.append(dict(part.body))
        elif not _older(part, siblings[place]):
            siblings[place] = dict(part.body)
        else:
            return False
        _raise(around, part)
        _save(held, check, part.now)
    return place is None


def location_merge(*, row: ReceivedLocation, part: Part, check: Check) -> None:
    """Change some fields of a location, an EVSE or a connector; raises LocationUnknown (404, 2003)."""
    with transaction.atomic():
        held = ReceivedLocation.objects.select_for_update().get(pk=row.pk)
        around = _around(held.payload, list(part.path))
        target = around.pop()
        if _older(part, target):
            return
        name = LEVELS[len(part.path) - 1][1] if part.path else "id"
        target.update({key: value for key, value in part.body.items() if key != name})
        _raise([*around, target], part)
        _save(held, check, part.now)


def part_find(payload: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The location, EVSE or connector at a path; raises LocationUnknown (404, 2003)."""
    found: dict[str, Any] = _around(payload, list(path))[-1]
    return found


def columns_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for search and map."""
    evses = [evse for evse in payload.get("evses") or [] if evse.get("status") != "REMOVED"]
    coordinates = payload.get("coordinates") or {}
    return {
        **{
            name: str(payload.get(name) or "")[:size]
            for name, size in (("name", 255), ("address", 255), ("city", 45), ("country", 3))
        },
        "latitude": _degrees(coordinates.get("latitude"), 90),
        "longitude": _degrees(coordinates.get("longitude"), 180),
        "is_public": payload.get("publish") is not False,
        "evse_count": len(evses),
        "free_count": sum(evse.get("status") == "AVAILABLE" for evse in evses),
    }


def _degrees(text: Any, most: float) -> float | None:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if abs(value) <= most else None


def _around(payload: Any, path: list[str]) -> list[Any]:
    """The objects from the location down to the part at a path."""
    found = [payload]
    for (holder, name), wanted in zip(LEVELS, path, strict=False):
        parts = found[-1].get(holder) or []
        place = _place(parts, name, wanted)
        if place is None:
            raise LocationUnknown("This EVSE or connector is not known.")
        found.append(parts[place])
    return found


def _place(parts: list[Any], name: str, wanted: str) -> int | None:
    return next((place for place, part in enumerate(parts) if same(str(part.get(name)), wanted)), None)


def _older(part: Part, held: Mapping[str, Any]) -> bool:
    ours = parse_moment(str(held.get("last_updated", "")))
    return ours is not None and part.since < ours


def _raise(around: list[Any], part: Part) -> None:
    """The new `last_updated` goes up to the location, where it is newer than what is there (§8.2.2.2)."""
    text = part.body.get("last_updated") or stamp(part.now)
    for each in around:
        if not _older(part, each):
            each["last_updated"] = text


def _save(held: ReceivedLocation, check: Check, now: datetime) -> None:
    parsed: Any = check(held.payload)
    if not isinstance(parsed, Mapping):
        raise ParametersInvalid("This is no location any more.")
    held.last_updated, held.received_at = parsed["last_updated"], now
    for name, value in columns_of(held.payload).items():
        setattr(held, name, value)
    held.save()
