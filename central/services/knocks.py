"""What knocked and was refused, noted together: unknown ids in a bounded list, refusals by their reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count

from central.models import Knock, Refusal
from central.models.knock import RefusalReason
from central.signals import charge_point_changed, knocks_changed
from emobility.lib.bell import after_commit
from registry.identifiers import is_cp_id
from registry.models import ChargePoint

MOST_KNOCKS: Final = 500
MOST_OF_ADDRESS: Final = 50
"""Whoever tries names does not push the others off the list."""
HOUR: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Attempts of one id that were refused for one reason, `count` of them; the last one is described."""

    cp_id: str
    reason: RefusalReason
    address: str
    offered: str
    secure: bool
    profile: int
    user_fits: bool | None
    at: datetime
    count: int = 1


def knocks_record(*, attempts: Sequence[Attempt]) -> None:
    """Note attempts: those of charge points beside these, others in the list of unknown ids."""
    known = {
        row.cp_id: row for row in ChargePoint.objects.filter(cp_id__in={each.cp_id for each in attempts})
    }
    with transaction.atomic():
        _refusals([each for each in attempts if each.cp_id in known], known)
        strangers = [each for each in attempts if each.cp_id not in known and is_cp_id(each.cp_id)]
        if strangers:
            _knocks(strangers)
            after_commit(knocks_changed)


def knock_forget(*, cp_id: str) -> bool:
    """Take an id off the list: it is known now, or nobody wants it."""
    gone = Knock.objects.filter(cp_id=cp_id).delete()[0] > 0
    if gone:
        after_commit(knocks_changed)
    return gone


def _refusals(attempts: Sequence[Attempt], known: Mapping[str, ChargePoint]) -> None:
    for each in attempts:
        charge_point = known[each.cp_id]
        row, made = Refusal.objects.select_for_update().get_or_create(
            charge_point=charge_point,
            reason=_reason(each, charge_point),
            defaults={
                "count": each.count,
                "total": each.count,
                "hour_at": each.at,
                "last_seen": each.at,
                "address": each.address[:64],
                "offered": each.offered[:200],
                "secure": each.secure,
            },
        )
        if not made:
            _count(row, each)
        after_commit(charge_point_changed, charge_point_id=charge_point.pk)


def _reason(attempt: Attempt, charge_point: ChargePoint) -> RefusalReason:
    """What only the charge point's row tells goes first."""
    if attempt.reason in {RefusalReason.TOO_OFTEN, RefusalReason.NO_VERSION}:
        return attempt.reason
    if not charge_point.is_registered:
        return RefusalReason.DEREGISTERED
    lower = attempt.profile < charge_point.security_profile and attempt.profile > 0
    return RefusalReason.LOWER_PROFILE if lower else attempt.reason


def _count(row: Refusal, attempt: Attempt) -> None:
    if attempt.at - row.hour_at > HOUR:
        row.count, row.hour_at = 0, attempt.at
    row.count += attempt.count
    row.total += attempt.count
    row.last_seen = max(row.last_seen, attempt.at)
    row.address, row.offered, row.secure = attempt.address[:64], attempt.offered[:200], attempt.secure
    row.save()


def _knocks(attempts: Sequence[Attempt]) -> None:
    rows = {row.cp_id: row for row in Knock.objects.filter(cp_id__in={each.cp_id for each in attempts})}
    fresh: dict[str, Knock] = {}
    for each in attempts:
        row = rows.get(each.cp_id) or fresh.get(each.cp_id)
        if row is None:
            fresh[each.cp_id] = _described(Knock(cp_id=each.cp_id, first_seen=each.at, count=0), each)
        else:
            _described(row, each)
    Knock.objects.bulk_update(
        rows.values(), ["address", "offered", "user_fits", "secure", "last_seen", "count"]
    )
    Knock.objects.bulk_create(_bounded(list(fresh.values())), ignore_conflicts=True)
    Knock.objects.filter(last_seen__lt=max(each.at for each in attempts) - FORGOTTEN_AFTER).delete()
    surplus = Knock.objects.order_by("-last_seen").values_list("pk", flat=True)[MOST_KNOCKS:]
    Knock.objects.filter(pk__in=list(surplus)).delete()


def _described(row: Knock, attempt: Attempt) -> Knock:
    row.address, row.offered = attempt.address[:64], attempt.offered[:200]
    row.user_fits, row.secure, row.last_seen = attempt.user_fits, attempt.secure, attempt.at
    row.count += attempt.count
    return row


def _bounded(rows: Sequence[Knock]) -> list[Knock]:
    """The new ones for which their address still has room."""
    counted = Knock.objects.filter(address__in={row.address for row in rows}).values_list("address")
    taken = dict(counted.annotate(found=Count("pk")).order_by())
    kept = []
    for row in rows:
        taken[row.address] = taken.get(row.address, 0) + 1
        if taken[row.address] <= MOST_OF_ADDRESS:
            kept.append(row)
    return kept
