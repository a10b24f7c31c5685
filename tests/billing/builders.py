"""Sessions and tariffs as rows, for tests of billing: what central would have written."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from billing.models import Tariff
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import MeterValue, Session, SessionEvent, StatusChange
from registry.models import ChargePoint, Organization

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ENERGY = {"type": "ENERGY", "price": 0.5, "vat": 20, "step_size": 1}
PARKING = {"type": "PARKING_TIME", "price": 6, "vat": 20, "step_size": 60}
FEE = {"type": "FLAT", "price": 1, "vat": 20, "step_size": 1}


def at(minutes: float) -> datetime:
    """A moment of the session that most tests tell of."""
    return START + timedelta(minutes=minutes)


def organization(slug: str = "acme", **fields: Any) -> Organization:
    """A charging company."""
    defaults = {"name": slug.title(), "country_code": "DE", "party_id": slug[:3].upper()}
    return Organization.objects.create(slug=slug, **(defaults | fields))


def charge_point(owner: Organization, cp_id: str = "BOX-1", **fields: Any) -> ChargePoint:
    """A registered charge point."""
    return ChargePoint.objects.create(organization=owner, cp_id=cp_id, registered_at=LONG_AGO, **fields)


def components(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Elements of a tariff with one element."""
    return [{"price_components": list(parts)}]


def tariff(owner: Organization, *parts: dict[str, Any], tariff_id: str = "T1", **fields: Any) -> Tariff:
    """A tariff valid since long ago, in force nowhere yet."""
    return tariff_create(
        organization=owner,
        tariff_id=tariff_id,
        name=f"Tariff {tariff_id}",
        currency="EUR",
        elements=components(*(parts or (ENERGY,))),
        **({"valid_from": LONG_AGO, "now": START} | fields),
    )


def default_tariff(owner: Organization, *parts: dict[str, Any], **fields: Any) -> Tariff:
    """A tariff in force in the whole organisation."""
    made = tariff(owner, *parts, **fields)
    tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=START)
    return made


def running_session(box: ChargePoint, **fields: Any) -> Session:
    """A session that began at START with its register at 1000 Wh."""
    defaults = {
        "organization": box.organization,
        "site": box.site,
        "evse_number": 1,
        "connector_number": 1,
        "ocpp_version": "1.6",
        "transaction_id": secrets.token_hex(8),
        "start_key": secrets.token_hex(8),
        "started_at": START,
        "start_received_at": START,
        "meter_start_wh": 1000,
    }
    return Session.objects.create(charge_point=box, **(defaults | fields))


def ended_session(box: ChargePoint, *, minutes: float = 60, wh: int = 10_000, **fields: Any) -> Session:
    """A session that has ended with `wh` charged."""
    defaults = {
        "state": "ended",
        "ended_at": at(minutes),
        "end_received_at": at(minutes),
        "meter_stop_wh": 1000 + wh,
        "energy_wh": wh,
    }
    return running_session(box, **(defaults | fields))


def end(session: Session, *, minutes: float, stop_wh: int) -> Session:
    """End a running session at a register reading."""
    session.state, session.ended_at, session.end_received_at = "ended", at(minutes), at(minutes)
    session.meter_stop_wh, session.energy_wh = stop_wh, stop_wh - (session.meter_start_wh or 0)
    session.save()
    return session


def meter(session: Session, *values: tuple[float, int | None], power_w: int | None = None) -> None:
    """Meter values: (minute, register in Wh)."""
    Session.objects.filter(pk=session.pk).update(updated_at=timezone.now())
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point_id=session.charge_point_id,
            session=session,
            sampled_at=at(minute),
            received_at=at(minute),
            register_wh=wh,
            power_w=power_w,
        )
        for minute, wh in values
    )


def statuses(session: Session, changes: Iterable[tuple[float, str]]) -> None:
    """StatusNotifications of the session's connector (OCPP 1.6)."""
    StatusChange.objects.bulk_create(
        StatusChange(
            charge_point_id=session.charge_point_id,
            evse_number=session.evse_number,
            connector_number=1,
            status=word,
            at=at(minute),
            received_at=at(minute),
        )
        for minute, word in changes
    )


def events(session: Session, changes: Iterable[tuple[float, str]]) -> None:
    """TransactionEvents with a charging state (OCPP 2.x)."""
    SessionEvent.objects.bulk_create(
        SessionEvent(
            charge_point_id=session.charge_point_id,
            session=session,
            key=f"{session.transaction_id}/{number}",
            kind="Updated",
            seq_no=number,
            at=at(minute),
            received_at=at(minute),
            payload={"transactionInfo": {"transactionId": session.transaction_id, "chargingState": word}},
        )
        for number, (minute, word) in enumerate(changes)
    )
