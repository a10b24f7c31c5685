"""Charge points of 2.1 that calculate by themselves have the tariff that is in force there (I07, I11).

The default tariff follows what is in force for somebody without an agreement; where OCPP cannot say that one,
or there is none, no older one is left there. A session that is priced by another one than its charge point
calculates with gets its own tariff, so that display and bill agree.
"""

from collections.abc import Collection, Set
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db.models import QuerySet

from central.models import ChargePointTariff, Command, Session, SessionEvent
from central.models.charge_point_status import BootStatus
from central.models.charge_point_tariff import ChargePointTariffState, TariffKind
from central.models.session import SessionState
from central.ocpp.tariffs import tariff_2_1
from central.ports import TariffOffer, ports
from central.services.charge_point_tariffs import CHANGE, CLEAR, SET_DEFAULT, Installed, tariff_request
from central.services.commands import command_create
from central.services.displays import devices_calculating
from emobility.lib.errors import DomainError
from registry.models import ChargePoint

log = structlog.get_logger(__name__)

SOURCE: Final = "tariff"
AGAIN: Final = timedelta(hours=6)
"""After that a tariff that was refused, or lost, is tried once more."""
THERE: Final = (ChargePointTariffState.INSTALLED, ChargePointTariffState.REQUESTED)


def tariffs_keep(*, charge_point_ids: Collection[int] | None = None, now: datetime) -> int:
    """Order the tariff in force at connected charge points that calculate and have another; how many.

    None: at all of them.
    """
    found = devices_calculating()
    if charge_point_ids is not None:
        found &= set(charge_point_ids)
    return sum(_keep(point, now) for point in _connected(found)) if found else 0


def session_tariffs_keep(*, session_ids: Set[int], now: datetime) -> int:
    """Order the session's own tariff where its charge point calculates with another one; how many."""
    sessions = Session.objects.filter(
        pk__in=session_ids,
        state=SessionState.ACTIVE,
        ocpp_version="2.1",
        charge_point__in=devices_calculating(),
    ).select_related("charge_point")
    # The first question for its cost writes down by which tariff a session is priced.
    priced = ports.running_cost([session.pk for session in sessions]) if sessions else {}
    return sum(_change(session, now) for session in sessions if session.pk in priced)


def _connected(charge_point_ids: Collection[int]) -> QuerySet[ChargePoint]:
    return ChargePoint.objects.filter(
        pk__in=charge_point_ids,
        live__connection_id__isnull=False,
        live__ocpp_version="2.1",
        live__boot_status=BootStatus.ACCEPTED,
    )


def _keep(charge_point: ChargePoint, now: datetime) -> bool:
    offer = ports.tariff_offer(charge_point_id=charge_point.pk, tariff_id="", at=now)
    tariff = _told(offer, charge_point)
    if tariff is None:
        return _clear(charge_point, now)
    if _is_settled(charge_point.pk, tariff["tariffId"], now):
        return False
    params = {"evse_number": 0, "tariff": tariff}
    return _order(charge_point, SET_DEFAULT, Installed(tariff), params, now)


def _clear(charge_point: ChargePoint, now: datetime) -> bool:
    """Take back what we installed before: by it the charge point would tell what is not billed any more."""
    rows = ChargePointTariff.objects.filter(
        charge_point=charge_point,
        kind=TariffKind.DEFAULT,
        state=ChargePointTariffState.INSTALLED,
        command__source=SOURCE,
    )
    found = list(rows.order_by("tariff_id"))
    if not found:
        return False
    since = max(now - AGAIN, *(row.changed_at for row in found))
    orders = Command.objects.filter(charge_point=charge_point, order=CLEAR, source=SOURCE)
    if orders.filter(created_at__gt=since).exists():
        return False
    try:
        command_create(
            charge_point=charge_point,
            order=CLEAR,
            params={"tariff_ids": ",".join(row.tariff_id for row in found)},
            source=SOURCE,
            now=now,
        )
    except DomainError as error:
        log.info("tariffs.not_cleared", charge_point=charge_point.cp_id, error=error.message)
        return False
    return True


def _change(session: Session, now: datetime) -> bool:
    offer = ports.session_tariff(session.pk)
    if offer is None or _calculates_by(session, f"{offer.tariff_id}.{offer.version}"):
        return False
    tariff = _told(offer, session.charge_point, place=f".s{session.pk}")
    if tariff is None or _is_settled(session.charge_point_id, tariff["tariffId"], now):
        return False
    installed = Installed(tariff, kind=TariffKind.DRIVER, session=session)
    params = {"transaction_id": session.transaction_id, "tariff": tariff}
    return _order(session.charge_point, CHANGE, installed, params, now)


def _told(offer: TariffOffer | None, charge_point: ChargePoint, place: str = "") -> dict[str, Any] | None:
    """The tariff as OCPP has it; None where there is none, or OCPP cannot say it."""
    if offer is None:
        return None
    try:
        return tariff_2_1(offer, place=place)
    except ValueError as error:
        # Asked every minute for each of them, and the order by hand says why.
        log.debug("tariffs.not_told", charge_point=charge_point.cp_id, error=str(error))
        return None


def _is_settled(charge_point_id: int, tariff_id: str, now: datetime) -> bool:
    """True where it is there, or on its way, or was refused lately."""
    row = ChargePointTariff.objects.filter(charge_point=charge_point_id, tariff_id=tariff_id).first()
    if row is None:
        return False
    failed = row.state in {ChargePointTariffState.REFUSED, ChargePointTariffState.UNDELIVERED}
    return row.state in THERE or (failed and row.changed_at > now - AGAIN)


def _calculates_by(session: Session, wanted: str) -> bool:
    """True where the charge point named that tariff for the session, or named none and has it as default."""
    named = SessionEvent.objects.filter(
        session=session, payload__transactionInfo__tariffId__isnull=False
    ).values_list("payload__transactionInfo__tariffId", flat=True)
    tariff_id = named.order_by("-id").first()
    if tariff_id is not None:
        return _is_same(tariff_id, wanted)
    defaults = ChargePointTariff.objects.filter(
        charge_point=session.charge_point_id, kind=TariffKind.DEFAULT, state__in=THERE
    )
    here = [row for row in defaults if not row.evse_numbers or session.evse_number in row.evse_numbers]
    return any(_is_same(row.tariff_id, wanted) for row in here)


def _is_same(tariff_id: str, wanted: str) -> bool:
    """Ids are the tariff's with its version, and where it is (central.ocpp.tariffs)."""
    return tariff_id == wanted or tariff_id.startswith((f"{wanted}.e", f"{wanted}.s"))


def _order(
    charge_point: ChargePoint, order: str, installed: Installed, params: dict[str, Any], now: datetime
) -> bool:
    try:
        tariff_request(
            charge_point=charge_point, order=order, installed=installed, params=params, source=SOURCE, now=now
        )
    except DomainError as error:
        log.info("tariffs.not_ordered", charge_point=charge_point.cp_id, error=error.message)
        return False
    return True
