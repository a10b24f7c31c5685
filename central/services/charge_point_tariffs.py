"""Tariffs at charge points: asked for, installed, replaced, reported, cleared (2.1 I07-I11)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet

from central.models import ChargePointTariff, Command, Evse, Session
from central.models.charge_point_tariff import ChargePointTariffState, TariffKind
from central.models.session import SessionState
from central.services.commands import command_create
from registry.models import ChargePoint

SET_DEFAULT: Final = "tariff_set_default"
CHANGE: Final = "tariff_change"
GET: Final = "tariffs_get"
CLEAR: Final = "tariffs_clear"
WAITING: Final = frozenset({ChargePointTariffState.REQUESTED, ChargePointTariffState.UNDELIVERED})
DUPLICATE: Final = "DuplicateTariffId"


@dataclass(frozen=True, slots=True)
class Installed:
    """A tariff for a place: `tariff` as OCPP has it (with `tariffId`); `evse_number` 0: all of them."""

    tariff: dict[str, Any]
    evse_number: int = 0
    kind: str = TariffKind.DEFAULT
    valid_from: datetime | None = None
    session: Session | None = None

    @property
    def tariff_id(self) -> str:
        """Its id at the charge point."""
        return str(self.tariff["tariffId"])

    @property
    def columns(self) -> dict[str, Any]:
        """What the row says of it."""
        return {
            "tariff": self.tariff,
            "evse_numbers": [self.evse_number] if self.evse_number else [],
            "kind": self.kind,
            "valid_from": self.valid_from,
            "session": self.session,
        }


@dataclass(frozen=True, slots=True)
class Assignment:
    """A tariff that a charge point says it has, and where; no EVSE: not bound to one."""

    tariff_id: str
    kind: str
    evse_numbers: Sequence[int] = ()
    id_tags: Sequence[str] = ()
    valid_from: datetime | None = None


def tariff_request(
    *,
    charge_point: ChargePoint,
    order: str,
    installed: Installed,
    params: dict[str, Any],
    now: datetime,
    **common: Any,
) -> Command:
    """Write a tariff down for its place and queue its order; `common` goes to `command_create`."""
    with transaction.atomic():
        command = command_create(charge_point=charge_point, order=order, params=params, now=now, **common)
        row = _rows(charge_point.pk).filter(tariff_id=installed.tariff_id).first()
        if row is None or row.state != ChargePointTariffState.INSTALLED:
            _write(row, command, installed, ChargePointTariffState.REQUESTED, now)
    return command


def tariff_answered(*, command: Command, installed: Installed, status: str, word: str, now: datetime) -> bool:
    """What the answer to SetDefaultTariff or ChangeTransactionTariff means. True where accepted.

    One that is there already (I07.FR.04) is refused by the charge point, and installed all the same.
    """
    accepted = status == "Accepted"
    with transaction.atomic():
        row = _rows(command.charge_point_id).filter(tariff_id=installed.tariff_id).first()
        if accepted:
            row = _write(row, command, installed, ChargePointTariffState.INSTALLED, now)
            _replace(row, now)
        elif status == DUPLICATE:
            row = row or _write(None, command, installed, ChargePointTariffState.INSTALLED, now)
            _move(row, ChargePointTariffState.INSTALLED, now)
        elif row is None or row.state in WAITING:
            row = _write(row, command, installed, ChargePointTariffState.REFUSED, now)
        row.word = word
        row.save(update_fields=["word", "state", "changed_at"])
    return accepted


def tariffs_reported(
    *, charge_point_id: int, evse_number: int, assignments: Iterable[Assignment], now: datetime
) -> None:
    """What GetTariffs brought for an EVSE, or for all (0): the truth, whatever we thought (I09.FR.01-07)."""
    named = set()
    with transaction.atomic():
        for said in assignments:
            named.add(said.tariff_id)
            row, _ = _rows(charge_point_id).get_or_create(
                charge_point_id=charge_point_id,
                tariff_id=said.tariff_id,
                defaults={"state": ChargePointTariffState.INSTALLED, "changed_at": now},
            )
            if evse_number == 0 or not row.evse_numbers:
                row.evse_numbers = list(said.evse_numbers)
            row.kind, row.id_tags = said.kind, list(said.id_tags)
            row.valid_from = said.valid_from or row.valid_from
            row.reported_at = now
            _move(row, ChargePointTariffState.INSTALLED, now)
            row.save()
        for row in _there(charge_point_id, evse_number).exclude(tariff_id__in=named):
            _take_away(row, evse_number, ChargePointTariffState.GONE, now)


def tariffs_cleared(
    *,
    charge_point_id: int,
    tariff_ids: Collection[str],
    evse_number: int,
    results: Sequence[tuple[str, str]],
    now: datetime,
) -> bool:
    """What ClearTariffs did, as (tariff id, status) (I10.FR.01-07). True where something was cleared.

    A running transaction keeps its tariff until it ends (FR.07); drivers' tariffs are not touched.
    """
    cleared = {tariff_id for tariff_id, status in results if status == "Accepted"}
    absent = {tariff_id for tariff_id, status in results if status == "NoTariff" and tariff_id}
    if any(status == "NoTariff" and not tariff_id for tariff_id, status in results):
        absent |= set(tariff_ids) or set(_defaults(charge_point_id, evse_number))
    with transaction.atomic():
        for row in _there(charge_point_id, evse_number).filter(tariff_id__in=cleared | absent):
            state = (
                ChargePointTariffState.CLEARED if row.tariff_id in cleared else ChargePointTariffState.GONE
            )
            _take_away(row, evse_number, state, now)
    return bool(cleared)


def tariffs_sweep(*, now: datetime) -> int:
    """Tariffs whose time came replace others (I07.FR.20, FR.21); a driver's goes with its session."""
    installed = ChargePointTariff.objects.filter(state=ChargePointTariffState.INSTALLED)
    with transaction.atomic():
        due = installed.filter(kind=TariffKind.DEFAULT, valid_from__lte=now, valid_from__gt=F("changed_at"))
        rows = list(due.select_for_update(of=("self",)).order_by("valid_from"))
        for row in rows:
            row.changed_at = now
            row.save(update_fields=["changed_at"])
            _replace(row, now)
        over = installed.filter(kind=TariffKind.DRIVER, session__state=SessionState.ENDED)
        return len(rows) + over.update(state=ChargePointTariffState.GONE, changed_at=now)


def _replace(new: ChargePointTariff, now: datetime) -> None:
    """A default tariff that is valid takes the place of those that were valid there (I07.FR.20-23)."""
    if new.kind != TariffKind.DEFAULT or (new.valid_from is not None and new.valid_from > now):
        return
    others = _there(new.charge_point_id, 0).filter(kind=TariffKind.DEFAULT).exclude(pk=new.pk)
    for row in others:
        if row.valid_from is not None and row.valid_from > now:
            continue
        for evse_number in new.evse_numbers or [0]:
            _take_away(row, evse_number, ChargePointTariffState.REPLACED, now)


def _take_away(
    row: ChargePointTariff, evse_number: int, state: ChargePointTariffState, now: datetime
) -> None:
    """The tariff is gone from an EVSE (0: from all); from its last one it is gone altogether."""
    left: list[int] = []
    if evse_number:
        known = Evse.objects.filter(charge_point=row.charge_point_id, number__gt=0).order_by("number")
        numbers = row.evse_numbers or list(known.values_list("number", flat=True))
        left = [number for number in numbers if number != evse_number]
    if left:
        row.evse_numbers = left
    else:
        _move(row, state, now)
    row.save()


def _write(
    row: ChargePointTariff | None,
    command: Command,
    installed: Installed,
    state: ChargePointTariffState,
    now: datetime,
) -> ChargePointTariff:
    row = row or ChargePointTariff(charge_point_id=command.charge_point_id, tariff_id=installed.tariff_id)
    for name, value in installed.columns.items():
        setattr(row, name, value)
    row.command = command
    _move(row, state, now)
    row.save()
    return row


def _move(row: ChargePointTariff, state: ChargePointTariffState, now: datetime) -> None:
    if row.state != state:
        row.state, row.changed_at = state, now


def _rows(charge_point_id: int) -> QuerySet[ChargePointTariff]:
    return ChargePointTariff.objects.select_for_update(of=("self",)).filter(charge_point_id=charge_point_id)


def _there(charge_point_id: int, evse_number: int) -> QuerySet[ChargePointTariff]:
    """What is installed at an EVSE, or anywhere (0)."""
    rows = _rows(charge_point_id).filter(state=ChargePointTariffState.INSTALLED)
    if not evse_number:
        return rows
    here = [row.pk for row in rows if not row.evse_numbers or evse_number in row.evse_numbers]
    return rows.filter(pk__in=here)


def _defaults(charge_point_id: int, evse_number: int) -> Iterable[str]:
    rows = _there(charge_point_id, evse_number).filter(kind=TariffKind.DEFAULT)
    return [row.tariff_id for row in rows]
