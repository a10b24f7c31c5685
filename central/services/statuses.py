"""States of connectors and charge points: what is reported, since when, and its history."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from central.models import ChargePointStatus, Connector, Evse, StatusChange
from central.services.bulk import insert_many, update_many
from central.services.prepared import Prepared
from central.services.reviews import FIRST_PLAUSIBLE
from central.signals import charge_point_changed, connector_changed
from emobility.lib.bell import after_commit
from registry.models import Event

LARGEST_CONNECTOR: Final = 10_000
MOST_CONNECTORS: Final = 1_000
"""Of one charge point; each of its reports locks them all, and pages and partners see each of them."""
Place = tuple[int, int, int]
"""Charge point, EVSE number, connector number; EVSE 0 is the whole charge point."""
_WRITTEN: Final = ("status", "status_at", "error_code", "error_info", "vendor_id", "vendor_error_code")


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One StatusNotification; `at` is the charge point's time, or ours where it gave none."""

    charge_point_id: int
    organization_id: int
    evse_number: int
    connector_number: int
    status: str
    at: datetime
    now: datetime
    error_code: str = ""
    error_info: str = ""
    vendor_id: str = ""
    vendor_error_code: str = ""

    @property
    def place(self) -> Place:
        """What the report is about."""
        return self.charge_point_id, self.evse_number, self.connector_number

    @property
    def since(self) -> datetime:
        """When the state began: the charge point's time unless its clock is nonsense."""
        return self.at if FIRST_PLAUSIBLE <= self.at <= self.now else self.now


def statuses_record(reports: Sequence[StatusReport]) -> None:
    """Store states in a constant number of statements; unknown EVSEs and connectors are made.

    The last report received counts; the history keeps each change. Numbers beyond LARGEST_CONNECTOR or
    below zero name nothing that can exist and are left to the message log, and so are connectors beyond
    MOST_CONNECTORS.
    """
    fitting = [report for report in reports if _fits(report)]
    of_connectors = [report for report in fitting if report.evse_number]
    of_wholes = [report for report in fitting if not report.evse_number]
    changed: list[StatusReport] = []
    if of_connectors:
        changed += _record_connectors(of_connectors)
    if of_wholes:
        changed += _record_wholes(of_wholes)
    if changed:
        _keep_history(changed)


def _fits(report: StatusReport) -> bool:
    return 0 <= report.evse_number <= LARGEST_CONNECTOR and 0 <= report.connector_number <= LARGEST_CONNECTOR


def _record_connectors(reports: Sequence[StatusReport]) -> list[StatusReport]:
    connectors = connectors_ensure({report.place for report in reports})
    changed, touched = [], {}
    for report in reports:
        row = connectors.get(report.place)
        if row is None:
            continue
        new = (report.status, report.error_code) != (row.status, row.error_code)
        if new:
            changed.append(report)
            row.status_at = report.since
        if new or _says_more(report, row):
            touched[row.pk] = row
            row.status, row.error_code, row.error_info = report.status, report.error_code, report.error_info
            row.vendor_id, row.vendor_error_code = report.vendor_id, report.vendor_error_code
    update_many(
        Connector,
        [{"id": pk} | {name: getattr(row, name) for name in _WRITTEN} for pk, row in sorted(touched.items())],
    )
    for pk, row in touched.items():
        after_commit(connector_changed, charge_point_id=row.charge_point_id, connector_id=pk)
    return changed


def _says_more(report: StatusReport, row: Connector) -> bool:
    said = (report.error_info, report.vendor_id, report.vendor_error_code)
    return said != (row.error_info, row.vendor_id, row.vendor_error_code)


def connectors_ensure(places: Iterable[Place]) -> dict[Place, Connector]:
    """The connectors at `places`, locked, made where they are missing; safe against others who do the same.

    Rows are inserted and locked in order of their keys, so that first contacts cannot deadlock. Of a charge
    point that has MOST_CONNECTORS no more are made.
    """
    wanted = set(places)
    known = _connectors(wanted)
    missing = _room_for(sorted(wanted - known.keys()), known)
    if missing:
        _make(missing)
        known = _connectors(wanted)
    return {place: known[place] for place in wanted if place in known}


def _room_for(missing: Sequence[Place], known: Iterable[Place]) -> list[Place]:
    counts = Counter(place[0] for place in known)
    kept = []
    for place in missing:
        counts[place[0]] += 1
        if counts[place[0]] <= MOST_CONNECTORS:
            kept.append(place)
    return kept


def _make(missing: Sequence[Place]) -> None:
    numbers = sorted({(charge_point_id, evse) for charge_point_id, evse, _ in missing})
    Evse.objects.bulk_create(
        [Evse(charge_point_id=charge_point_id, number=evse) for charge_point_id, evse in numbers],
        ignore_conflicts=True,
    )
    rows = Evse.objects.filter(charge_point_id__in={charge_point_id for charge_point_id, _ in numbers})
    evses = {(row.charge_point_id, row.number): row.pk for row in rows}
    Connector.objects.bulk_create(
        [
            Connector(charge_point_id=cp, evse_id=evses[cp, evse], number=number)
            for cp, evse, number in missing
        ],
        ignore_conflicts=True,
    )


def _connectors(places: Iterable[Place]) -> dict[Place, Connector]:
    """All connectors of the charge points that `places` name."""
    rows = _placed.rows(charge_points={place[0] for place in places})
    return {(row.charge_point_id, row.evse_number, row.number): row for row in rows}


_placed: Final = Prepared(
    lambda charge_points: (
        Connector.objects.filter(charge_point_id__among=charge_points)
        .annotate(evse_number=F("evse__number"))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
)


def _record_wholes(reports: Sequence[StatusReport]) -> list[StatusReport]:
    """States of connector 0: on the charge point's own row."""
    ids = sorted({report.charge_point_id for report in reports})
    ChargePointStatus.objects.bulk_create(
        [ChargePointStatus(charge_point_id=pk) for pk in ids], ignore_conflicts=True
    )
    rows = {row.pk: row for row in ChargePointStatus.objects.filter(pk__in=ids).order_by("pk")}
    changed = []
    for report in reports:
        row = rows[report.charge_point_id]
        if (report.status, report.error_code) != (row.status, row.error_code):
            changed.append(report)
            row.status_at = report.since
        row.status, row.error_code, row.error_info = report.status, report.error_code, report.error_info
    for pk, row in rows.items():
        ChargePointStatus.objects.filter(pk=pk).update(
            status=row.status, error_code=row.error_code, error_info=row.error_info, status_at=row.status_at
        )
        after_commit(charge_point_changed, charge_point_id=pk)
    return changed


def _keep_history(changed: Sequence[StatusReport]) -> None:
    insert_many(
        StatusChange,
        [
            {
                "charge_point_id": report.charge_point_id,
                "evse_number": report.evse_number,
                "connector_number": report.connector_number,
                "status": report.status,
                "error_code": report.error_code,
                "at": report.at,
                "received_at": report.now,
            }
            for report in changed
        ],
    )
    insert_many(Event, [_event(report) for report in changed])


def _event(report: StatusReport) -> dict[str, Any]:
    return {
        "organization_id": report.organization_id,
        "charge_point_id": report.charge_point_id,
        "kind": "connector.status" if report.evse_number else "charge_point.status",
        "subject": f"{report.evse_number}/{report.connector_number}",
        "data": {"status": report.status, "error": report.error_code, "at": report.at.isoformat()},
        "at": report.now,
    }
