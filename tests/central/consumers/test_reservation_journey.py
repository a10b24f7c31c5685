"""A reservation from REST to the session that uses it, over the wire."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import ChargePointStatus, Command, Reservation, Session
from central.services.commands import command_cancel
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.billing.builders import LONG_AGO
from tests.support.handlers import token_create
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
ACCEPT = {"ReserveNow": {"status": "Accepted"}, "CancelReservation": {"status": "Accepted"}}


def state():
    return Reservation.objects.latest("id").state


@pytest.fixture
def operator(enrolled):
    client = Client()
    client.force_login(staff(enrolled.row.organization, "operator"))
    return client


def ordered(operator, order, **params):
    body = {"order": order, "charge_point": "CP-1", "params": params}
    answer = operator.post("/api/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_from_the_order_to_the_session(enrolled, operator, version):
    token_create(enrolled.row.organization)
    until = (utc_now() + timedelta(hours=1)).isoformat()
    with enrolled.plug_in(version, handlers=ACCEPT) as charger:
        charger.boot()
        ordered(operator, "reserve", id_tag="TAG-1", expires_at=until, evse_number=1)
        eventually(lambda: state() == "active")
        row = Reservation.objects.get()
        sent = dict(charger.calls)["ReserveNow"]
        assert sent["reservationId" if version == "1.6" else "id"] == row.number
        charger.start(reservationId=row.number)
        assert bell.drain()
        eventually(lambda: state() == "used")
        ordered(operator, "reserve", id_tag="TAG-1", expires_at=until)
        eventually(lambda: state() == "active")
        second = Reservation.objects.latest("id")
        page = f"/admin/central/reservation/{second.pk}/"
        assert operator.post(f"{page}do/cancel/").status_code == 302
        eventually(lambda: state() == "cancelled")
    rows = operator.get("/api/reservations/?charge_point=CP-1").json()["results"]
    assert [each["state"] for each in rows] == ["cancelled", "used"]
    used = Reservation.objects.get(pk=row.pk)
    assert used.session is not None
    assert rows[1]["session"] == str(used.session.uid)
    assert str(second.number) in operator.get(f"{page}change/").content.decode()


def test_what_ends_it_without_a_session(enrolled, operator):
    """A connector that is free again (1.6 §5.13), and an order that is taken back before it leaves."""
    until = (utc_now() + timedelta(hours=1)).isoformat()
    with enrolled.plug_in("1.6", handlers=ACCEPT) as charger:
        charger.boot()
        ordered(operator, "reserve", id_tag="TAG-1", expires_at=until, evse_number=1)
        eventually(lambda: state() == "active")
        charger.status(1, "Reserved")
        charger.status(1, "Available")
        assert bell.drain()
        eventually(lambda: state() == "removed")
    eventually(lambda: ChargePointStatus.objects.get().connection_id is None)
    ordered(operator, "reserve", id_tag="TAG-1", expires_at=until, evse_number=1)
    command_cancel(command=Command.objects.latest("id"), now=utc_now())
    assert bell.drain()
    eventually(lambda: state() == "cancelled")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_what_a_reservation_costs(enrolled, operator, version):
    """Reserved over the wire, used, ended: the bill says what the reservation came to."""
    token_create(enrolled.row.organization)
    reserved = {"type": "FLAT", "price": 2, "vat": 20, "step_size": 1}
    elements: list[dict[str, Any]] = [
        {"price_components": [reserved], "restrictions": {"reservation": "RESERVATION"}},
        {"price_components": [{"type": "ENERGY", "price": 0.5, "vat": 20, "step_size": 1}]},
    ]
    common = {"organization": enrolled.row.organization, "valid_from": LONG_AGO, "now": LONG_AGO}
    tariff = tariff_create(tariff_id="T", name="T", currency="EUR", elements=elements, **common)
    tariff_assign(tariff=tariff, **common)
    until = (utc_now() + timedelta(hours=1)).isoformat()
    with enrolled.plug_in(version, handlers=ACCEPT) as charger:
        charger.boot()
        ordered(operator, "reserve", id_tag="TAG-1", expires_at=until, evse_number=1)
        eventually(lambda: state() == "active")
        transaction = charger.start(at=utc_now() + timedelta(minutes=1))
        eventually(lambda: Reservation.objects.get().session is not None)
        page = f"/api/sessions/{Session.objects.get().uid}/"
        eventually(lambda: operator.get(page).json()["cost"]["excl_vat"] == "2.0000")
        charger.call(*transaction.stop(4000, utc_now() + timedelta(minutes=20)))
        eventually(lambda: Session.objects.get().state == "ended")
    assert cdr_create(session_id=Session.objects.get().pk, now=utc_now()) is not None
    assert Cdr.objects.get().costs["reservation"]["excl_vat"] == "2.0000"
