"""The pages of orders about power and reservations: they offer what is there, and place the order."""

from typing import Any

import pytest
from django.test import Client

from central.models import ChargingProfile, Command, Reservation
from central.ocpp.intents import ORDERS
from tests.support.handlers import Bench
from tests.support.power import answered, placed
from tests.support.world import staff

GROUPS = {"smart charging", "reservations"}


@pytest.fixture
def office(organization):
    client = Client()
    client.force_login(staff(organization, "operator"))
    return client


def page(charge_point, order):
    return f"/admin/registry/chargepoint/{charge_point.pk}/orders/{order}/"


@pytest.fixture
def furnished(charge_point, token):
    """A session, a profile, a dynamic one and a reservation."""
    bench = Bench(charge_point, "2.1")
    bench.begin()
    given: dict[str, Any] = {"purpose": "TxDefaultProfile", "limit": 16.0, "unit": "A", "evse_number": 1}
    for kind in ("Relative", "Dynamic"):
        command = placed(charge_point, "profile_set", kind=kind, **given)
        answered("2.1", command, {"status": "Accepted"})
    placed(charge_point, "reserve", id_tag="TAG-9", expires_at="2030-01-01T00:00:00Z")
    return bench.session()


@pytest.mark.parametrize("order", sorted(name for name, each in ORDERS.items() if each.group in GROUPS))
def test_each_order_has_its_page(office, charge_point, furnished, order):
    shown = office.get(page(charge_point, order))
    assert shown.status_code == 200
    text = shown.content.decode()
    if order in {"profile_set", "priority_charging", "allowed_energy_transfer"}:
        assert str(furnished.uid) in text
    if order == "reservation_cancel":
        assert "TAG-9" in text
    if order == "dynamic_schedule_update":
        offered = ChargingProfile.objects.get(kind="Dynamic")
        assert f'value="{offered.pk}"' in text


def test_orders_are_placed_from_their_pages(office, charge_point, furnished):
    profile = ChargingProfile.objects.get(kind="Dynamic")
    reservation = Reservation.objects.get()
    how = {"how-valid_minutes": "5", "how-attempts": "1"}
    asked: dict[str, dict[str, Any]] = {
        "profile_set": {"purpose": "TxProfile", "session": str(furnished.uid), "limit": "10", "unit": "A"},
        "profile_clear": {"profile": str(profile.pk)},
        "dynamic_schedule_update": {"profile": str(profile.pk), "limit": "8"},
        "priority_charging": {"session": str(furnished.uid), "activate": "on"},
        "allowed_energy_transfer": {"session": str(furnished.uid), "allowed": ["DC"]},
        "reservation_cancel": {"reservation": str(reservation.pk)},
        "reserve": {"id_tag": "TAG-1", "expires_at": "2030-01-01T10:00"},
        "composite_schedule": {"duration": "60"},
        "profiles_get": {},
        "afrr_signal": {"signal": "4"},
    }
    for order, values in asked.items():
        answer = office.post(page(charge_point, order), values | how)
        assert answer.status_code == 302, (order, answer.content.decode()[:3000])
        assert Command.objects.latest("id").order == order
    assert ChargingProfile.objects.latest("id").session == furnished
    assert Reservation.objects.latest("id").expires_at.isoformat() == "2030-01-01T09:00:00+00:00"
    cancel = Command.objects.get(order="reservation_cancel")
    assert cancel.params == {"reservation_id": reservation.number}
