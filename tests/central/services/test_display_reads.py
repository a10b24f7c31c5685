"""Charge points that start all at once are asked a few at a time what they can show."""

import uuid

from central.models import ChargePointStatus, Command
from central.services import displays
from central.services.display_reads import AT_ONCE, displays_ask
from central.services.displays import Device, devices_of
from tests.support.handlers import NOW, charge_point_create


def test_an_outage_of_many_does_not_make_an_order_for_each_at_once(organization, settings):
    settings.OCPP_ASK_FOR_DISPLAYS = True
    points = [charge_point_create(organization) for _ in range(AT_ONCE + 3)]
    for point in points:
        ChargePointStatus.objects.create(
            charge_point=point, boot_status="Accepted", connection_id=uuid.uuid4(), ocpp_version="1.6"
        )
    waiting = displays_ask(charge_point_ids=[point.pk for point in points], now=NOW)
    assert (Command.objects.count(), len(waiting)) == (AT_ONCE, 3)
    assert displays_ask(charge_point_ids=waiting, now=NOW) == []
    assert Command.objects.count() == len(points)
    assert displays_ask(charge_point_ids=[point.pk for point in points], now=NOW) == []
    assert Command.objects.count() == len(points)


def test_where_too_many_are_known_all_that_are_asked_for_are_told(organization, monkeypatch):
    """Those that were known before as well as those that are read now, when room is made for them."""
    first, second = charge_point_create(organization), charge_point_create(organization)
    assert devices_of([first.pk], now=NOW) == {first.pk: Device()}
    monkeypatch.setattr(displays, "MOST", 0)
    assert devices_of([first.pk, second.pk], now=NOW) == {first.pk: Device(), second.pk: Device()}
