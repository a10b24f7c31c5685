"""What changed in a location: `last_updated` moves only where content does, and up to all that is around it.

Pure: objects as JSON in, objects as JSON out (OCPI 2.2.1 §8.2.1.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STAMP = "last_updated"
STATUS, ALL = "status", "all"


@dataclass(slots=True)
class Merged:
    """The location as it is told now; `own`: its own fields changed; `evses`: what changed by uid."""

    payload: dict[str, Any]
    own: bool
    evses: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """True where anything did."""
        return self.own or bool(self.evses)


def location_merge(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Merged:
    """The new location with the old times where nothing changed; EVSEs that are gone stay as REMOVED."""
    if old is None:
        return Merged(dict(new), True, {evse["uid"]: ALL for evse in new.get("evses", [])})
    before = {evse["uid"]: evse for evse in old.get("evses", [])}
    after = {evse["uid"]: evse for evse in new.get("evses", [])}
    found = Merged(dict(new), _bare(old, "evses") != _bare(new, "evses"))
    evses = []
    for uid in [*before, *(uid for uid in after if uid not in before)]:
        gone = {**before[uid], "status": "REMOVED", STAMP: new[STAMP]} if uid in before else {}
        evse, what = _evse(before.get(uid), after.get(uid, gone))
        evses.append(evse)
        if what:
            found.evses[uid] = what
    if evses:
        found.payload["evses"] = evses
    if not found.changed:
        found.payload[STAMP] = old[STAMP]
    return found


def location_gone(old: Mapping[str, Any], now: str) -> Merged:
    """A place that partners may not know of any more: all its EVSEs are REMOVED."""
    return location_merge(old, {**old, "evses": [], STAMP: now})


def _evse(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The EVSE and what changed in it: nothing, its status alone, or more."""
    if old is None:
        return dict(new), ALL
    before = {each["id"]: each for each in old["connectors"]}
    connectors = [_older(before.get(each["id"]), each) for each in new["connectors"]]
    same_plugs = connectors == old["connectors"]
    found = {**new, "connectors": connectors}
    if not same_plugs or _bare(old, "connectors", "status") != _bare(new, "connectors", "status"):
        return found, ALL
    if old["status"] != new["status"]:
        return found, STATUS
    return {**found, STAMP: old[STAMP]}, ""


def _older(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    return dict(old if old is not None and _bare(old) == _bare(new) else new)


def _bare(value: Mapping[str, Any], *without: str) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != STAMP and name not in without}
