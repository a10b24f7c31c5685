"""Statistics of charge points: sessions, energy, utilisation, availability, faults and peak power by period.

Sessions and their energy count where a session began; the time in use, availability, faults and power count
in the period in which they were. Everything is read once, in a constant number of statements.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Avg, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from central.models import Evse, MeterValue, OfflineSpan, Session, StatusChange
from central.selectors.availability import (
    Change,
    Seconds,
    add,
    availability,
    seconds_of,
    uptime_uk,
    uptime_us,
)
from central.selectors.periods import Periods
from central.selectors.slots import SLOT, Slot
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

MOST_ROWS: Final = 500_000
"""Of sessions, or of changes of state, that one answer reads."""
MOST_FIGURES: Final = 500_000
"""Charge points times periods of one answer: each takes memory."""
Group = Any
Key = tuple[int, int]
"""Charge point and EVSE number."""


@dataclass(slots=True)
class Figures:
    """What a period brought; `seconds` are those of all EVSEs by class."""

    sessions: int = 0
    energy_wh: int = 0
    used_seconds: float = 0.0
    faults: int = 0
    peak_power_w: int | None = None
    seconds: Seconds = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As REST tells it: percentages of the EVSEs' time."""
        total = sum(self.seconds.values())
        used = min(100 * self.used_seconds / total, 100.0) if total else None
        return {
            "sessions": self.sessions,
            "energy_wh": self.energy_wh,
            "utilisation_percent": None if used is None else round(used, 4),
            "availability_percent": availability(self.seconds),
            "faults": self.faults,
            "peak_power_w": self.peak_power_w,
            "seconds": {kind: round(seconds) for kind, seconds in sorted(self.seconds.items())},
        }

    def take(self, other: "Figures") -> None:
        """Add another period's figures."""
        self.sessions += other.sessions
        self.energy_wh += other.energy_wh
        self.used_seconds += other.used_seconds
        self.faults += other.faults
        powers = [each for each in (self.peak_power_w, other.peak_power_w) if each is not None]
        self.peak_power_w = max(powers) if powers else None
        add(self.seconds, other.seconds)


@dataclass(slots=True)
class Statistics:
    """The figures of a group of charge points, by period; `evses` are the seconds of each in all periods."""

    periods: Periods
    figures: list[Figures]
    charge_points: int = 0
    evses: dict[Key, Seconds] = field(default_factory=dict)

    def total(self) -> Figures:
        """All periods together."""
        total = Figures()
        for each in self.figures:
            total.take(each)
        return total

    def uptime(self, excluded_minutes: float) -> dict[str, Any]:
        """Both legal uptimes of the whole time, the second as the mean of its ports."""
        uk, measured = uptime_uk(self.total().seconds)
        ports = [uptime_us(seconds, excluded_minutes) for seconds in self.evses.values()]
        known = [port for port in ports if port is not None]
        mean = round(sum(known) / len(known), 4) if known else None
        return {
            "uk_pcpr_2023_percent": uk,
            "uk_pcpr_2023_measured_percent": measured,
            "us_23_cfr_680_116_percent": mean,
        }


def statistics_of(
    rows: QuerySet[ChargePoint], periods: Periods, *, group_by: str, now: datetime
) -> dict[Group, Statistics]:
    """Statistics by group of the charge points of `rows`: "" (all), site_id, organization_id, or cp_id.

    Raises Invalid where more would have to be read than one answer may.
    """
    points = {
        row.pk: row
        for row in rows.only("pk", "cp_id", "site_id", "organization_id", "registered_at", "deregistered_at")
    }
    if len(points) * len(periods) > MOST_FIGURES:
        raise _too_much()
    groups = {pk: getattr(row, group_by) if group_by else "" for pk, row in points.items()}
    found = {
        group: Statistics(periods, [Figures() for _ in range(len(periods))], number)
        for group, number in Counter(groups.values()).items()
    }
    chosen = rows.order_by().values("pk")
    _read_states(points, groups, found, chosen, periods, now)
    _read_sessions(groups, found, chosen, periods, now)
    _read_power(groups, found, chosen, periods)
    return found


def _read_sessions(
    groups: dict[int, Group], found: dict[Group, Statistics], chosen: Any, periods: Periods, now: datetime
) -> None:
    lasting = Q(ended_at__gt=periods.begin) | Q(ended_at=None)
    rows = Session.objects.filter(lasting, charge_point__in=chosen, started_at__lt=periods.end)
    columns = rows.order_by().values_list("charge_point_id", "started_at", "ended_at", "energy_wh")
    for charge_point_id, began, ended, energy in _bounded(columns):
        if charge_point_id not in groups:  # registered while we read
            continue
        figures = found[groups[charge_point_id]].figures
        if began >= periods.begin:
            figures[periods.at(began)].sessions += 1
            figures[periods.at(began)].energy_wh += energy
        for number, seconds in periods.pieces(began, ended or now):
            figures[number].used_seconds += seconds


def _read_states(
    points: dict[int, ChargePoint],
    groups: dict[int, Group],
    found: dict[Group, Statistics],
    chosen: Any,
    periods: Periods,
    now: datetime,
) -> None:
    evses: dict[int, list[int]] = defaultdict(list)
    for charge_point_id, number in Evse.objects.filter(charge_point__in=chosen).values_list(
        "charge_point_id", "number"
    ):
        evses[charge_point_id].append(number)
    changes = _changes(chosen, periods)
    for pk, point in points.items():
        group = found[groups[pk]]
        begin = max(point.registered_at, periods.begin)
        end = min(periods.end, now, point.deregistered_at or now)
        told = changes.get(pk, [])
        for change in told:
            if change.status == "Faulted" and begin <= change.at < end:
                group.figures[periods.at(change.at)].faults += 1
        if begin < end:
            sums = seconds_of(evses[pk], told, begin=begin, end=end, periods=periods)
            _add_seconds(group, pk, sums)


def _add_seconds(group: Statistics, pk: int, sums: dict[int, list[Seconds]]) -> None:
    for evse_number, by_period in sums.items():
        whole = group.evses.setdefault((pk, evse_number), {})
        for figures, seconds in zip(group.figures, by_period, strict=True):
            add(figures.seconds, seconds)
            add(whole, seconds)


def _changes(chosen: Any, periods: Periods) -> dict[int, list[Change]]:
    """What happened to each charge point in order: the last of each place before the time, and all within."""
    known = StatusChange.objects.filter(charge_point__in=chosen).order_by()
    places = known.filter(received_at__lt=periods.begin).values(
        "charge_point_id", "evse_number", "connector_number"
    )
    newest = places.annotate(last=Max("id")).values("last")
    within = known.filter(received_at__gte=periods.begin, received_at__lt=periods.end)
    columns = ("charge_point_id", "received_at", "evse_number", "connector_number", "status")
    found: dict[int, list[Change]] = defaultdict(list)
    for pk, *told in _bounded(StatusChange.objects.filter(id__in=newest).order_by().values_list(*columns)):
        found[pk].append(Change(*told))
    for pk, *told in _bounded(within.order_by("received_at", "id").values_list(*columns)):
        found[pk].append(Change(*told))
    for pk, change in _connections(chosen, periods):
        found[pk].append(change)
    for told_of in found.values():
        told_of.sort(key=lambda change: change.at)
    return found


def _connections(chosen: Any, periods: Periods) -> Iterator[tuple[int, Change]]:
    lasting = Q(ended_at__gt=periods.begin) | Q(ended_at=None)
    spans = OfflineSpan.objects.filter(lasting, charge_point__in=chosen, began_at__lt=periods.end)
    for pk, began, ended in _bounded(spans.order_by().values_list("charge_point_id", "began_at", "ended_at")):
        yield pk, Change(began, online=False)
        if ended is not None:
            yield pk, Change(ended, online=True)


def _read_power(
    groups: dict[int, Group], found: dict[Group, Statistics], chosen: Any, periods: Periods
) -> None:
    """The greatest power of a quarter of an hour: the mean power of each EVSE in it, added up."""
    rows = MeterValue.objects.filter(
        charge_point__in=chosen,
        power_w__isnull=False,
        sampled_at__gte=periods.begin,
        sampled_at__lt=periods.end,
    ).order_by()
    means = rows.annotate(slot=Slot(F("sampled_at"))).values("slot", "charge_point_id", "evse_number")
    sums: dict[tuple[Group, int], float] = defaultdict(float)
    columns = means.annotate(mean=Avg("power_w")).values_list("slot", "charge_point_id", "mean")
    for slot, charge_point_id, mean in _bounded(columns):
        if charge_point_id not in groups:
            continue
        sums[groups[charge_point_id], int(slot)] += float(mean)
    for (group, slot), power in sums.items():
        moment = max(datetime.fromtimestamp(slot * SLOT, UTC), periods.begin)
        figures = found[group].figures[periods.at(moment)]
        figures.peak_power_w = max(figures.peak_power_w or 0, round(power))


def _bounded(rows: "QuerySet[Any, Any]") -> Iterable[tuple[Any, ...]]:
    """All rows, or Invalid where they are too many to read for one answer."""
    for number, row in enumerate(rows.iterator(chunk_size=2000)):
        if number >= MOST_ROWS:
            raise _too_much()
        yield row


def _too_much() -> Invalid:
    text = _("There is too much to read for one answer; ask for less time or fewer charge points.")
    return Invalid(_("Some values are wrong."), {"from": text})
