"""What an order left behind names its command, and is found by it."""

import pytest
from django.test import Client

import emobility.urls  # noqa: F401 -- registers the resources
from central.api.records import RECORDS
from central.models import Command, Reservation
from registry.models.user import Role
from tests.support.orders import placed
from tests.support.world import staff


def _of_orders():
    """The plain resources whose rows may come from an order."""
    for path, view in RECORDS.items():
        model = getattr(getattr(view, "queryset", None), "model", None)
        if model is not None and any(field.name == "command" for field in model._meta.fields):
            yield path, view


def test_every_row_that_an_order_made_names_it():
    silent = [path for path, view in _of_orders() if "command" not in view.serializer_class().fields]
    assert silent == []


@pytest.mark.django_db
def test_what_an_order_led_to_is_found_by_it(organization, charge_point):
    client = Client()
    client.force_login(staff(organization, Role.OPERATOR))
    for _ in range(2):
        placed(charge_point, "reserve", id_tag="AB12", expires_at="2099-01-01T10:00:00Z")
    wanted = Command.objects.latest("pk")
    (row,) = client.get(f"/api/reservations/?command={wanted.uid}").json()["results"]
    assert (row["id"], row["command"]) == (Reservation.objects.get(command=wanted).pk, str(wanted.uid))
    assert client.get("/api/reservations/?command=nonsense").status_code == 400
