"""Charging profiles: wanted, sent, installed or rejected, cleared (1.6 §5.16, §5.5; 2.x K01-K10)."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from central.models import ChargingProfile, Command, Session
from central.models.charging_profile import ProfileState, Purpose
from central.services.charging_rules import Profile, profile_faults
from central.services.commands import command_create
from central.services.prepared import Prepared
from central.services.schedules import bounds
from emobility.lib.errors import Invalid, NotFound
from registry.models import ChargePoint
from registry.services.events import event_append

SET: Final = "profile_set"
THERE: Final = (ProfileState.SENT, ProfileState.INSTALLED, ProfileState.REPORTED)
"""States of profiles that the charge point has, or may have."""
NEVER_CLEARED: Final = (Purpose.EXTERNAL, Purpose.LOCAL_GENERATION)
"""Purposes that ClearChargingProfile passes over (K10.FR.04)."""
OURS: Final = "CSO"


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which profiles: by `number`, else by all of the others that are given."""

    number: int | None = None
    evse_number: int | None = None
    purpose: str = ""
    stack_level: int | None = None

    def rows(self, charge_point_id: int) -> QuerySet[ChargingProfile]:
        """The charge point's profiles that match."""
        rows = ChargingProfile.objects.filter(charge_point_id=charge_point_id)
        if self.number is not None:
            return rows.filter(number=self.number)
        wanted = {"evse_number": self.evse_number, "stack_level": self.stack_level}
        chosen = {name: value for name, value in wanted.items() if value is not None}
        return rows.filter(**chosen, **({"purpose": self.purpose} if self.purpose else {}))


def profile_request(
    *, charge_point: ChargePoint, profile: Profile, number: int | None = None, now: datetime, **common: Any
) -> Command:
    """Write a profile down and queue its order; `number` replaces the profile with that number (K01.FR.05).

    Without it, one that stands in the same place at the same time is replaced (1.6 §3.13.2, K01.FR.06,
    K01.FR.39). Raises Invalid with its fields; `common` goes to `command_create`, which may raise.
    """
    faults = profile_faults(profile)
    if faults:
        raise Invalid(_("The specification forbids this profile."), faults)
    with transaction.atomic():
        # Two orders at once must see each other's numbers.
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point.pk)
        row = row_made(charge_point.organization_id, charge_point.pk, profile, now)
        row.number = _number(row, profile) if number is None else number
        command = command_create(
            charge_point=charge_point, order=SET, params=params_of(row.number, profile), now=now, **common
        )
        row.command = command
        row.save()
        tell(row, now)
    return command


def profile_leaves(*, command: Command) -> None:
    """The profile of an order is on its way."""
    rows = ChargingProfile.objects.filter(command_id=command.pk, state=ProfileState.WANTED)
    rows.update(state=ProfileState.SENT)


def profile_answered(
    *,
    command: Command,
    number: int,
    profile: Profile,
    status: str,
    word: str = "",
    same_place: bool,
    now: datetime,
) -> bool:
    """What the answer to SetChargingProfile means; one asked for by hand gets its row now.

    Once installed it replaces those with its number, and, with `same_place`, those of its purpose, level and
    EVSE (1.6 §3.13.2). True where it is installed.
    """
    accepted = status == "Accepted"
    with transaction.atomic():
        row = ChargingProfile.objects.select_for_update().filter(command_id=command.pk, number=number).first()
        if row is None:
            row = row_made(command.organization_id, command.charge_point_id, profile, now)
            row.number, row.command = number, command
        if accepted:
            _replace(row, profile, same_place, now)
        state = ProfileState.INSTALLED if accepted else ProfileState.REJECTED
        move(row, state, word or status, now)
    return accepted


def profiles_cleared(*, charge_point_id: int, criteria: Criteria, status: str, now: datetime) -> bool:
    """What the answer to ClearChargingProfile means: gone, or not there (`Unknown`, K10.FR.01)."""
    rows = criteria.rows(charge_point_id).filter(state__in=THERE).exclude(purpose__in=NEVER_CLEARED)
    _clear(rows, "" if status == "Accepted" else status, now)
    return status == "Accepted"


def profiles_undelivered(*, command_ids: Collection[int], now: datetime) -> None:
    """Profiles whose order ended without an answer; one that was lost on the way may be installed: `sent`."""
    rows = ChargingProfile.objects.filter(command_id__in=command_ids)
    waiting = rows.filter(state__in=(ProfileState.WANTED, ProfileState.SENT), command__state__in=UNDELIVERED)
    with transaction.atomic():
        for row in waiting.select_for_update(of=("self",)).select_related("command").order_by("pk"):
            if row.command is not None:
                ended = str(row.command.state)
                move(row, UNDELIVERED[ended], row.command.error or ended, now)


UNDELIVERED: Final = {
    "failed": ProfileState.REJECTED,
    "expired": ProfileState.CLEARED,
    "cancelled": ProfileState.CLEARED,
}
"""State of the command -> that of its profile."""


def profiles_end(*, session_ids: Collection[int], now: datetime) -> None:
    """Profiles of sessions end with them (1.6 §7.10, 2.x K01)."""
    if not _where_sessions_are.rows(sessions=session_ids):
        return
    alive = ChargingProfile.objects.filter(purpose=Purpose.TX, state__in=(*THERE, ProfileState.WANTED))
    # A profile may have been set before we heard of its session.
    unknown = alive.filter(
        session__isnull=True,
        charge_point__sessions__in=session_ids,
        transaction_id=F("charge_point__sessions__transaction_id"),
    )
    rows = alive.filter(Q(session_id__in=session_ids) | Q(pk__in=unknown.values("pk")))
    _clear(rows, "session ended", now)


_where_sessions_are: Final = Prepared(
    lambda sessions: (
        ChargingProfile.objects.filter(
            purpose=Purpose.TX,
            state__in=(*THERE, ProfileState.WANTED),
            charge_point__sessions__pk__among=sessions,
        )
        .order_by()
        .values_list("pk")[:1]
    )
)


def number_of(charge_point: ChargePoint, profile_pk: int | None, number: int | None) -> int | None:
    """OCPP's number of a profile by either handle: our id or the number itself. Raises NotFound."""
    if profile_pk is None:
        return number
    row = ChargingProfile.objects.filter(charge_point=charge_point, pk=profile_pk).first()
    if row is None:
        raise NotFound(_("No such charging profile."))
    return row.number


def row_made(
    organization_id: int, charge_point_id: int, profile: Profile, now: datetime, **fields: Any
) -> ChargingProfile:
    """A row of a profile, not yet stored."""
    row = ChargingProfile(
        organization_id=organization_id, charge_point_id=charge_point_id, requested_at=now, changed_at=now
    )
    row_fill(row, profile)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def row_fill(row: ChargingProfile, profile: Profile) -> None:
    """Put what a profile says on its row, which the caller saves."""
    limits = bounds(profile.schedules)
    row.evse_number, row.purpose, row.kind = profile.evse_number, profile.purpose, profile.kind
    row.stack_level, row.recurrency = profile.stack_level, profile.recurrency
    row.valid_from, row.valid_to = profile.valid_from, profile.valid_to
    row.schedules, row.options = profile.schedules, profile.options
    row.unit, row.lowest, row.highest = limits.unit, limits.lowest, limits.highest
    row.transaction_id = profile.transaction_id
    row.session_id = _session_id(row.charge_point_id, profile.transaction_id)


def move(row: ChargingProfile, state: ProfileState, word: str, now: datetime) -> None:
    """Put a locked row into `state` with the charge point's word, and tell it."""
    row.state, row.word, row.changed_at = state, word[:50], now
    row.save()
    tell(row, now)


def params_of(number: int, profile: Profile) -> dict[str, Any]:
    """The parameters of an order, as the request is built from them."""
    return {
        "profile_id": number,
        "evse_number": profile.evse_number,
        "purpose": profile.purpose,
        "kind": profile.kind,
        "stack_level": profile.stack_level,
        "recurrency": profile.recurrency,
        "valid_from": profile.valid_from.isoformat() if profile.valid_from else "",
        "valid_to": profile.valid_to.isoformat() if profile.valid_to else "",
        "transaction_id": profile.transaction_id,
        "schedules": profile.schedules,
        "options": profile.options,
    }


def _session_id(charge_point_id: int, transaction_id: str) -> int | None:
    rows = Session.objects.filter(charge_point_id=charge_point_id, transaction_id=transaction_id)
    found: int | None = rows.values_list("pk", flat=True).first() if transaction_id else None
    return found


def _number(row: ChargingProfile, profile: Profile) -> int:
    """The number of a profile of ours in the same place at the same time, else a new one."""
    rows = ChargingProfile.objects.filter(charge_point_id=row.charge_point_id)
    alive = (*THERE, ProfileState.WANTED)
    twin = rows.filter(_place(profile) & _overlaps(profile), state__in=alive, source=OURS).first()
    return fresh_number(row) if twin is None else twin.number


def fresh_number(row: ChargingProfile) -> int:
    """A number that no profile of the charge point has; the row is stored for it."""
    rows = ChargingProfile.objects.filter(charge_point_id=row.charge_point_id)
    row.number = 0
    row.save()
    taken = rows.filter(number=row.pk).exclude(pk=row.pk).exists()
    return 2**30 + secrets.randbelow(2**30) if taken else row.pk


def _place(profile: Profile) -> Q:
    place = Q(purpose=profile.purpose, stack_level=profile.stack_level)
    if profile.purpose == Purpose.TX:
        return place & Q(transaction_id=profile.transaction_id)
    return place & Q(evse_number=profile.evse_number)


def _overlaps(profile: Profile) -> Q:
    overlap = Q()
    if profile.valid_to is not None:
        overlap &= Q(valid_from__isnull=True) | Q(valid_from__lt=profile.valid_to)
    if profile.valid_from is not None:
        overlap &= Q(valid_to__isnull=True) | Q(valid_to__gt=profile.valid_from)
    return overlap


def _replace(row: ChargingProfile, profile: Profile, same_place: bool, now: datetime) -> None:
    replaced = Q(number=row.number) | (_place(profile) if same_place else Q())
    rows = ChargingProfile.objects.filter(replaced, charge_point_id=row.charge_point_id, state__in=THERE)
    _clear(rows.exclude(pk=row.pk).exclude(purpose=Purpose.EXTERNAL), "replaced", now)


def _clear(rows: QuerySet[ChargingProfile], word: str, now: datetime) -> None:
    with transaction.atomic():
        for row in rows.select_for_update().order_by("pk"):
            move(row, ProfileState.CLEARED, word, now)


def tell(row: ChargingProfile, now: datetime) -> None:
    """A fact for everybody else."""
    data: Mapping[str, Any] = {
        "profile_id": row.number,
        "state": str(row.state),
        "word": row.word,
        "purpose": row.purpose,
        "evse": row.evse_number,
    }
    event_append(
        organization_id=row.organization_id,
        charge_point_id=row.charge_point_id,
        kind="charging_profile.changed",
        subject=str(row.number),
        data=data,
        now=now,
    )
