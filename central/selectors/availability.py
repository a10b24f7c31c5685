"""What EVSEs were, second by second, out of the history of states and connections; and two legal uptimes.

An EVSE is in one class at each moment:

    offline      its charge point was not connected: what it said before does not count
    faulted, unavailable   it or its whole charge point said so
    in_use       a car was there: Preparing, Occupied, Charging, Suspended..., Finishing
    reserved, available    as it said
    unknown      nothing was heard of it yet

Time before a charge point was registered and after its end is no time of it at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from central.selectors.periods import Periods

AVAILABLE, IN_USE, RESERVED = "available", "in_use", "reserved"
UNAVAILABLE, FAULTED, OFFLINE, UNKNOWN = "unavailable", "faulted", "offline", "unknown"
CLASSES: Final = (AVAILABLE, IN_USE, RESERVED, UNAVAILABLE, FAULTED, OFFLINE, UNKNOWN)
UP: Final = (AVAILABLE, IN_USE, RESERVED)
DOWN: Final = (UNAVAILABLE, FAULTED)
_OF_WORD: Final = {
    "Available": AVAILABLE,
    "Reserved": RESERVED,
    "Unavailable": UNAVAILABLE,
    "Faulted": FAULTED,
    **dict.fromkeys(
        ("Preparing", "Occupied", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"), IN_USE
    ),
}
_OF_CONNECTORS: Final = (IN_USE, AVAILABLE, RESERVED, UNAVAILABLE, FAULTED)
"""Of several connectors the first class that one of them has is that of the EVSE."""
Seconds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened: a state of EVSE/connector (0: of the whole), or the connection (`online`)."""

    at: datetime
    evse_number: int = 0
    connector_number: int = 0
    status: str = ""
    online: bool | None = None


@dataclass(slots=True)
class _Evse:
    """An EVSE while its history is read: its class `since` a moment, and what was before."""

    since: datetime
    sums: list[Seconds]
    kind: str = UNKNOWN
    words: dict[int, str] = field(default_factory=dict)

    def turn(self, kind: str, at: datetime, periods: Periods) -> None:
        """It is of another class from `at` on."""
        if kind != self.kind:
            self.count(at, periods)
            self.kind, self.since = kind, at

    def count(self, until: datetime, periods: Periods) -> None:
        """Add the time of the present class."""
        for number, seconds in periods.pieces(self.since, until):
            add(self.sums[number], {self.kind: seconds})


def seconds_of(
    evses: Iterable[int], changes: Iterable[Change], *, begin: datetime, end: datetime, periods: Periods
) -> dict[int, list[Seconds]]:
    """Seconds by class, by EVSE and period, within [begin, end); `changes` in order, also from before."""
    rows = {number: _Evse(begin, [{} for _ in range(len(periods))]) for number in evses}
    online, whole = True, ""
    for change in changes:
        if change.at >= end:
            break
        row = rows.get(change.evse_number)
        if change.online is not None:
            online = change.online
        elif change.evse_number == 0:
            whole = change.status
        elif row is not None:
            row.words[change.connector_number] = change.status
        for each in (row,) if row is not None else rows.values():
            each.turn(_class_of(each, whole, online), max(change.at, begin), periods)
    for row in rows.values():
        row.count(end, periods)
    return {number: row.sums for number, row in rows.items()}


def _class_of(row: _Evse, whole: str, online: bool) -> str:
    if not online:
        return OFFLINE
    told = {_OF_WORD.get(word, UNKNOWN) for word in row.words.values()}
    own = next((kind for kind in _OF_CONNECTORS if kind in told), UNKNOWN)
    of_whole = _OF_WORD.get(whole, UNKNOWN)
    return of_whole if of_whole in DOWN and own != FAULTED else own


def add(sums: Seconds, more: Mapping[str, float]) -> None:
    """Add seconds by class."""
    for kind, seconds in more.items():
        sums[kind] = sums.get(kind, 0.0) + seconds


def availability(seconds: Mapping[str, float]) -> float | None:
    """Percent of the time of which we know something in which one could charge or somebody did."""
    known = sum(seconds.values()) - seconds.get(UNKNOWN, 0.0)
    return _percent(sum(seconds.get(kind, 0.0) for kind in UP), known)


def uptime_uk(seconds: Mapping[str, float]) -> tuple[float | None, float | None]:
    """The reliability of The Public Charge Point Regulations 2023, regulation 7, in percent, in two readings.

    By OCPI states: available, charging and reserved are working; unknown (also while offline) is ineligible
    for measurement; inoperative and out of order are not reliable. First with ineligible time counted as
    reliable, as 7(3) says; then of the time that was measured alone, which is stricter.
    """
    total = sum(seconds.values())
    down = sum(seconds.get(kind, 0.0) for kind in DOWN)
    measured = total - seconds.get(OFFLINE, 0.0) - seconds.get(UNKNOWN, 0.0)
    return _percent(total - down, total), _percent(measured - down, measured)


def uptime_us(seconds: Mapping[str, float], excluded_minutes: float = 0.0) -> float | None:
    """The uptime of a port by 23 CFR 680.116(b)(3): (T - (T_outage - T_excluded)) / T, in percent.

    T are the minutes of the time asked for, 525,600 for the twelve months of the rule. Everything but online
    and available or in use is an outage; of it, `excluded_minutes` had causes that the rule excludes.
    """
    total = sum(seconds.values()) / 60
    outage = total - sum(seconds.get(kind, 0.0) for kind in UP) / 60
    return _percent(total - max(outage - excluded_minutes, 0.0), total)


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 4) if whole > 0 else None
