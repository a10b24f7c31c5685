"""Local lists that keep themselves in step: which are due, and the order that each of them needs."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q

from central.models import AuthorizationPolicy, LocalList
from central.models.charge_point_status import BootStatus
from central.models.local_list import LocalListState
from central.services.commands import command_create
from central.services.local_list_content import entries_missing, entries_stored, list_wanted
from central.services.local_list_limits import local_list_limits
from central.services.local_lists import ASK, NEEDED, WAITING, local_list_asked, local_list_order
from central.services.policies import policies_of
from emobility.lib.errors import Conflict
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus

COMPARE_EVERY: Final = timedelta(hours=1)
"""Also without a change here tags begin and end to be valid."""
AT_ONCE: Final = 100
REASON: Final = "kept in step"
CONFLICT: Final = "LocalListConflict"
"""ErrorCode of a 1.6 StatusNotification of connector 0."""
DUE: Final = (LocalListState.UNKNOWN, LocalListState.BEHIND, LocalListState.SENDING)


def local_lists_mark(*, organization_id: int, now: datetime) -> int:
    """Tags or rules of an organisation changed: its lists are compared with the next sweep; how many."""
    rows = LocalList.objects.filter(
        charge_point__organization_id=organization_id, state=LocalListState.IN_STEP
    )
    return rows.update(checked_at=None)


def local_lists_sync(*, now: datetime) -> int:
    """Order what lists need that are to be kept in step and can be reached now; how many orders."""
    _begin(now)
    _doubt(now)
    ordered = 0
    for row in _due(now):
        if _keeps_in_step(row.charge_point, now):
            with transaction.atomic():
                ordered += _bring_in_step(row, now)
        else:
            LocalList.objects.filter(pk=row.pk).update(checked_at=now)
    return ordered


def _reachable() -> Q:
    return Q(
        charge_point__status=RegistrationStatus.REGISTERED,
        charge_point__live__connection_id__isnull=False,
        charge_point__live__boot_status=BootStatus.ACCEPTED,
    )


def _begin(now: datetime) -> None:
    """A row for each reachable charge point that has none yet, where any policy wants lists kept."""
    owners = AuthorizationPolicy.objects.filter(local_list=True).values("organization_id")
    fresh = ChargePoint.objects.filter(
        organization_id__in=owners,
        status=RegistrationStatus.REGISTERED,
        local_list=None,
        live__connection_id__isnull=False,
        live__boot_status=BootStatus.ACCEPTED,
    )
    LocalList.objects.bulk_create(
        [LocalList(charge_point=each, state_at=now) for each in fresh[:AT_ONCE]], ignore_conflicts=True
    )


def _doubt(now: datetime) -> None:
    """A charge point that reports a conflict has another list than we believe (1.6 §3.5.2)."""
    LocalList.objects.filter(
        charge_point__live__error_code=CONFLICT,
        charge_point__live__status_at__gt=F("synced_at"),
        state=LocalListState.IN_STEP,
    ).update(trusted=False, state=LocalListState.BEHIND, state_at=now)


def _due(now: datetime) -> list[LocalList]:
    old = Q(checked_at=None) | Q(checked_at__lte=now - COMPARE_EVERY)
    wanting = AuthorizationPolicy.objects.filter(local_list=True).values("organization_id")
    rows = LocalList.objects.filter(_reachable(), Q(state__in=DUE) | old)
    rows = rows.filter(charge_point__organization_id__in=wanting)
    # One that is being sent without an order that waits was left by a process that died.
    rows = rows.exclude(state=LocalListState.NOT_SUPPORTED).exclude(command__state__in=WAITING)
    return list(rows.select_related("charge_point__live").order_by("pk")[:AT_ONCE])


def _keeps_in_step(charge_point: ChargePoint, now: datetime) -> bool:
    return policies_of({charge_point.pk: charge_point.organization_id}, now=now)[charge_point.pk].local_list


def _bring_in_step(row: LocalList, now: datetime) -> int:
    charge_point = row.charge_point
    try:
        if row.reported_version is None and not row.trusted:
            command = command_create(charge_point=charge_point, order=ASK, params={}, reason=REASON, now=now)
            local_list_asked(command=command, now=now)
            return 1
        if row.trusted and not _differs(row, now):
            state = LocalListState.IN_STEP
            LocalList.objects.filter(pk=row.pk).update(state=state, checked_at=now, synced_at=now)
            return 0
        local_list_order(charge_point=charge_point, params={"update": NEEDED}, reason=REASON, now=now)
    except Conflict:
        # Too many orders wait for it: the next sweep comes soon.
        return 0
    return 1


def _differs(row: LocalList, now: datetime) -> bool:
    version = row.charge_point.live.ocpp_version or "1.6"
    most = local_list_limits(row.charge_point_id).most
    wanted = list_wanted(charge_point=row.charge_point, version=version, most=most, now=now)
    return bool(entries_missing(wanted.entries, entries_stored(row.charge_point_id)))
