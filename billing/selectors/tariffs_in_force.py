"""Which tariff version a session is priced by: the one in force where and when it began."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, Q

from billing.models import TariffAssignment, TariffVersion
from central.models import Session


def versions_at_start(sessions: Iterable[Session]) -> dict[int, TariffVersion | None]:
    """For each session the version in force at its start: charge point before site before organisation.

    Of several assignments of one level the latest counts; one whose tariff has no version valid at that time
    is passed over. Two queries for any number of sessions.
    """
    sessions = list(sessions)
    assignments = _assignments(sessions)
    return {session.pk: _version_of(session, assignments) for session in sessions}


def valid_version(versions: Iterable[TariffVersion], at: datetime) -> TariffVersion | None:
    """Of the versions valid at a time the one that became valid last."""
    valid = [each for each in versions if _covers(each.valid_from, each.valid_until, at)]
    return max(valid, key=lambda each: (each.valid_from, each.number), default=None)


def _covers(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at < end)


def _assignments(sessions: list[Session]) -> list[TariffAssignment]:
    charge_points = {session.charge_point_id for session in sessions}
    sites = {session.site_id for session in sessions if session.site_id is not None}
    place = (
        Q(charge_point_id__in=charge_points)
        | Q(site_id__in=sites)
        | Q(charge_point__isnull=True, site__isnull=True)
    )
    versions = TariffVersion.objects.select_related("tariff__organization")
    return list(
        TariffAssignment.objects.filter(
            place, organization_id__in={session.organization_id for session in sessions}
        ).prefetch_related(Prefetch("tariff__versions", queryset=versions))
    )


def _version_of(session: Session, assignments: list[TariffAssignment]) -> TariffVersion | None:
    at = session.started_at
    candidates = [
        each
        for each in assignments
        if each.organization_id == session.organization_id and _covers(each.valid_from, each.valid_until, at)
    ]
    levels = (
        [each for each in candidates if each.charge_point_id == session.charge_point_id],
        [each for each in candidates if each.site_id is not None and each.site_id == session.site_id],
        [each for each in candidates if each.charge_point_id is None and each.site_id is None],
    )
    for level in levels:
        for assignment in sorted(level, key=lambda each: (each.valid_from, each.pk), reverse=True):
            version = valid_version(assignment.tariff.versions.all(), at)
            if version is not None:
                return version
    return None
