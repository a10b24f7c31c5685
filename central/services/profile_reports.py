"""Reports of installed profiles (2.x K09): asked for, received in parts, complete or not."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from central.models import ChargingProfile, Command, ProfileReport
from central.models.charging_profile import ProfileState, ReportState
from central.services.charging_profiles import THERE, move, row_fill, row_made
from central.services.charging_rules import Profile
from central.services.commands import command_create
from registry.models import ChargePoint

GET: Final = "profiles_get"
PATIENCE: Final = timedelta(minutes=10)
"""How long after the latest part a report may still be continued."""
NOT_REPORTED: Final = "not reported"
WAITING: Final = (ReportState.REQUESTED, ReportState.RECEIVING)
BATCH: Final = 1000


def report_request(
    *,
    charge_point: ChargePoint,
    evse_number: int | None,
    criteria: Mapping[str, Any],
    now: datetime,
    **common: Any,
) -> Command:
    """Queue a request for a report: `criteria` as in ChargingProfileCriterionType; no EVSE: all of them."""
    with transaction.atomic():
        report = ProfileReport.objects.create(
            organization_id=charge_point.organization_id,
            charge_point=charge_point,
            number=0,
            evse_number=evse_number,
            criteria=dict(criteria),
            requested_at=now,
            changed_at=now,
        )
        params = {"request_id": report.pk, "evse_number": evse_number, "criteria": dict(criteria)}
        report.number = report.pk
        report.command = command_create(
            charge_point=charge_point, order=GET, params=params, now=now, **common
        )
        report.save()
    return report.command


def report_answered(
    *,
    command: Command,
    number: int,
    evse_number: int | None,
    criteria: Mapping[str, Any],
    status: str,
    now: datetime,
) -> bool:
    """What the answer to GetChargingProfiles means; `NoProfiles`: none that match are installed."""
    with transaction.atomic():
        report = _report(command.charge_point_id, number)
        if report is None:
            report = _made(command.organization_id, command.charge_point_id, number, now)
            report.evse_number, report.criteria, report.command = evse_number, dict(criteria), command
        if status == "Accepted":
            if report.state not in {ReportState.RECEIVING, ReportState.COMPLETE}:
                _move(report, ReportState.REQUESTED, now)
            return True
        _move(report, ReportState.EMPTY, now)
        _vanish(report, now)
    return status == "NoProfiles"


def report_receive(
    *,
    organization_id: int,
    charge_point_id: int,
    number: int,
    source: str,
    profiles: Sequence[tuple[int, Profile]],
    to_be_continued: bool,
    now: datetime,
) -> None:
    """Keep a part: (number, profile) of one EVSE and `source`; the same part again changes nothing.

    With the last part, what we believed to be installed and was not reported is cleared.
    """
    with transaction.atomic():
        report = _report(charge_point_id, number)
        if report is None:
            report = _made(organization_id, charge_point_id, number, now)
            report.state = ReportState.UNASKED
            report.save()
        for profile_number, profile in profiles:
            _keep(report, profile_number, profile, source, now)
        if report.state == ReportState.UNASKED:
            report.changed_at = now
            report.save(update_fields=["changed_at"])
        elif to_be_continued:
            _move(report, ReportState.RECEIVING, now)
        else:
            _move(report, ReportState.COMPLETE, now)
            _vanish(report, now)


def reports_sweep(*, now: datetime) -> int:
    """End reports that will not be continued, with what came. How many."""
    late = ProfileReport.objects.filter(state__in=WAITING, changed_at__lt=now - PATIENCE)
    return late.update(state=ReportState.INCOMPLETE, changed_at=now)


def reports_undelivered(*, command_ids: Collection[int], now: datetime) -> None:
    """Reports whose request ended without an answer."""
    rows = ProfileReport.objects.filter(command_id__in=command_ids, state=ReportState.REQUESTED)
    ended = ("failed", "expired", "cancelled")
    rows.filter(command__state__in=ended).update(state=ReportState.FAILED, changed_at=now)


def _report(charge_point_id: int, number: int) -> ProfileReport | None:
    rows = ProfileReport.objects.select_for_update().filter(charge_point_id=charge_point_id, number=number)
    return rows.order_by("-id").first()


def _made(organization_id: int, charge_point_id: int, number: int, now: datetime) -> ProfileReport:
    return ProfileReport(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        number=number,
        requested_at=now,
        changed_at=now,
    )


def _move(report: ProfileReport, state: ReportState, now: datetime) -> None:
    report.state, report.changed_at = state, now
    report.save()


def _keep(report: ProfileReport, number: int, profile: Profile, source: str, now: datetime) -> None:
    row = _known(report.charge_point_id, number)
    if row is None:
        row = row_made(report.organization_id, report.charge_point_id, profile, now, number=number)
    else:
        row_fill(row, profile)
    row.source, row.report, row.reported_at = source[:20], report, now
    state = ProfileState.INSTALLED if row.command_id else ProfileState.REPORTED
    if row.pk is None or row.state != state:
        move(row, state, "", now)
    else:
        row.save()


def _known(charge_point_id: int, number: int) -> ChargingProfile | None:
    """The row of a number: one that is there, else one that an earlier part left out."""
    rows = ChargingProfile.objects.select_for_update().filter(charge_point_id=charge_point_id, number=number)
    there = Q(state__in=THERE) | Q(state=ProfileState.CLEARED, word=NOT_REPORTED)
    return rows.filter(there).order_by("-id").first()


def _vanish(report: ProfileReport, now: datetime) -> None:
    stale = Q(reported_at__isnull=True) | Q(reported_at__lt=report.requested_at)
    sure = (ProfileState.INSTALLED, ProfileState.REPORTED)
    rows = _asked(report).filter(stale, state__in=sure, changed_at__lte=report.requested_at)
    for row in rows.select_for_update().order_by("pk"):
        move(row, ProfileState.CLEARED, NOT_REPORTED, now)


def _asked(report: ProfileReport) -> QuerySet[ChargingProfile]:
    """The rows that the report's criteria cover (K09.FR.03 to K09.FR.06)."""
    rows, criteria = ChargingProfile.objects.filter(charge_point_id=report.charge_point_id), report.criteria
    if report.evse_number is not None:
        rows = rows.filter(evse_number=report.evse_number)
    names = {
        "chargingProfileId": "number__in",
        "chargingLimitSource": "source__in",
        "chargingProfilePurpose": "purpose",
        "stackLevel": "stack_level",
    }
    return rows.filter(**{column: criteria[name] for name, column in names.items() if name in criteria})
