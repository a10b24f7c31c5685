"""Local lists that keep themselves in step with the policy."""

from datetime import timedelta

import pytest

from central.models import AuthorizationPolicy, ChargePointStatus, Command, IdToken, LocalList, Variable
from central.models.command import CommandState
from central.ocpp.ordering import order_place
from central.receivers_tokens import mark_local_lists
from central.services.device_places import Place
from central.services.local_list_limits import Limits, local_list_limits
from central.services.local_list_sync import local_lists_sync
from tests.support.handlers import NOW, Bench, token_create
from tests.support.local_lists import Charger
from tests.support.messages import stamp

HOUR = timedelta(hours=1)


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
def charger(request, charge_point):
    return Charger(charge_point, request.param)


@pytest.fixture
def charger_16(charge_point):
    return Charger(charge_point, "1.6")


def send(charge_point):
    return order_place(charge_point=charge_point, order="local_list_send", params={}, now=NOW)


def the_list():
    return LocalList.objects.get()


@pytest.fixture
def kept(organization):
    return AuthorizationPolicy.objects.create(organization=organization, local_list=True)


def test_lists_keep_themselves_in_step(charger, kept, organization, charge_point):
    token = token_create(organization, "ONE")
    assert local_lists_sync(now=NOW) == 1
    assert charger.take(0) == {}
    assert local_lists_sync(now=NOW) == 1
    assert local_lists_sync(now=NOW) == 0
    assert charger.tags(charger.take()) == ["ONE"]
    assert local_lists_sync(now=NOW) == 0
    IdToken.objects.filter(pk=token.pk).update(blocked=True)
    mark_local_lists(organization_id=organization.pk)
    assert local_lists_sync(now=NOW) == 1
    payload = charger.take()
    assert (charger.kind(payload), charger.tags(payload)) == (("Differential", 2), ["-ONE"])


def test_a_tag_that_begins_to_be_valid_is_found_within_the_hour(charger_16, kept, organization):
    token_create(organization, "LATER", valid_from=NOW + HOUR)
    local_lists_sync(now=NOW)
    charger_16.take(0)
    assert local_lists_sync(now=NOW) == 0
    assert the_list().state == "in_step"
    assert local_lists_sync(now=NOW + HOUR / 2) == 0
    assert local_lists_sync(now=NOW + 2 * HOUR) == 1


@pytest.mark.parametrize("why", ["policy", "offline", "not booted", "not supported", "deregistered"])
def test_nothing_is_sent_by_itself_where_it_should_not(why, charger_16, kept, organization, charge_point):
    live = ChargePointStatus.objects.filter(charge_point=charge_point)
    if why == "policy":
        AuthorizationPolicy.objects.create(
            organization=organization, charge_point=charge_point, local_list=False
        )
    elif why == "offline":
        live.update(connection_id=None)
    elif why == "not booted":
        live.update(boot_status="Pending")
    elif why == "not supported":
        LocalList.objects.create(charge_point=charge_point, state="not_supported")
    else:
        charge_point.status = "DEREGISTERED"
        charge_point.save()
    assert local_lists_sync(now=NOW) == 0
    assert not Command.objects.exists()


def test_a_list_whose_order_got_lost_is_sent_again(charger_16, kept, organization, charge_point):
    send(charge_point)
    Command.objects.update(state=CommandState.UNKNOWN)
    assert local_lists_sync(now=NOW) == 1


@pytest.mark.parametrize("state", [CommandState.EXPIRED, CommandState.CANCELLED])
def test_an_order_that_never_left_changes_nothing_there(state, charger_16, organization, charge_point):
    token_create(organization, "ONE")
    send(charge_point)
    charger_16.take()
    token_create(organization, "TWO")
    send(charge_point)
    charger_16.fail(state=state)
    assert (the_list().state, the_list().trusted) == ("behind", True)
    send(charge_point)
    assert charger_16.tags(charger_16.take()) == ["TWO"]


def test_a_conflict_that_is_reported_is_solved_by_the_full_list(charger_16, kept, organization, charge_point):
    """1.6 §3.5.2: StatusNotification of connector 0 with LocalListConflict."""
    token_create(organization, "ONE")
    send(charge_point)
    charger_16.take()
    assert local_lists_sync(now=NOW) == 0
    payload = {"connectorId": 0, "status": "Available", "errorCode": "LocalListConflict"}
    bench = Bench(charge_point, "1.6", NOW + HOUR / 4)
    bench.call("StatusNotification", payload | {"timestamp": stamp(NOW + HOUR / 4)})
    assert local_lists_sync(now=NOW + HOUR / 4) == 1
    assert charger_16.take(1, now=NOW + HOUR / 4) == {}
    assert local_lists_sync(now=NOW + HOUR / 4) == 1
    assert charger_16.kind(charger_16.take(now=NOW + HOUR / 3)) == ("Full", 2)
    assert local_lists_sync(now=NOW + HOUR / 3) == 0


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, Limits()),
        ({"LocalAuthListMaxLength": "40", "SendLocalListMaxLength": "10"}, Limits(40, 10)),
        ({"LocalAuthListMaxLength": "5"}, Limits(5, 5)),
        ({"LocalAuthListMaxLength": "0", "SendLocalListMaxLength": "many"}, Limits()),
        ({"Entries": 100, "ItemsPerMessage": "20"}, Limits(100, 20)),
        ({"ItemsPerMessage": "20", "BytesPerMessage": "1000"}, Limits(10_000, 4)),
    ],
)
def test_limits_are_those_of_the_configuration_where_it_is_known(charge_point, told, expected):
    """1.6 §9.2, 2.x D01.FR.11, FR.12."""
    for name, value in told.items():
        component = "" if name.endswith("MaxLength") else "LocalAuthListCtrlr"
        limit = value if isinstance(value, int) else None
        place = Place(name, component)
        Variable.objects.create(
            charge_point=charge_point, value="" if limit else value, max_limit=limit, **place.columns
        )
    assert local_list_limits(charge_point.pk) == expected
