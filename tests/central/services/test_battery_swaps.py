"""Battery swaps (2.1 S01-S03): asked for, brought, taken, not taken; in any order, told more than once."""

import pytest

from central.models import BatterySwap
from emobility.lib.errors import Conflict
from registry.models import Event
from tests.support.handlers import Bench, token_create
from tests.support.power import answered, built, meant, placed

OLD = {"evseId": 1, "serialNumber": "old", "soC": 12.5, "soH": 91}
NEW = {"evseId": 2, "serialNumber": "new", "soC": 97, "soH": 99}


@pytest.fixture
def bench(charge_point):
    return Bench(charge_point, "2.1")


def said(bench, kind, *batteries, request_id=7, tag="TAG-1"):
    request = {
        "eventType": kind,
        "requestId": request_id,
        "idToken": {"idToken": tag, "type": "ISO14443"},
        "batteryData": list(batteries) or [OLD],
    }
    assert bench.call("BatterySwap", request) == {}


def swap():
    return BatterySwap.objects.get()


def test_a_swap_from_card_to_battery(bench, token):
    """S03.FR.01, FR.03; each message twice."""
    for _ in range(2):
        said(bench, "BatteryIn", OLD)
    assert (swap().state, swap().batteries_in, swap().id_token) == ("half", [OLD], token)
    for _ in range(2):
        said(bench, "BatteryOut", NEW)
    assert (swap().state, swap().batteries_out, swap().command) == ("done", [NEW], None)
    for kind, battery in (("BatteryIn", OLD), ("BatteryOut", NEW)):
        said(bench, kind, battery)
    assert BatterySwap.objects.count() == 1
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == [
        "battery.brought",
        "battery.taken",
    ]


def test_the_other_order_and_sets_of_batteries(bench):
    said(bench, "BatteryOut", NEW)
    said(bench, "BatteryIn", OLD)
    said(bench, "BatteryIn", OLD | {"evseId": 3, "serialNumber": "old-2"})
    assert (swap().state, len(swap().batteries_in)) == ("done", 2)


def test_a_battery_that_is_not_taken(bench):
    """S03.FR.06: an orphan BatteryIn. It may still be taken later."""
    said(bench, "BatteryIn", OLD)
    for _ in range(2):
        said(bench, "BatteryOutTimeout", NEW)
    assert swap().state == "not_taken"
    said(bench, "BatteryOut", NEW)
    assert swap().state == "done"


def test_a_request_id_that_is_used_again_is_another_swap(bench):
    said(bench, "BatteryIn", OLD)
    said(bench, "BatteryOut", NEW)
    said(bench, "BatteryIn", NEW, tag="TAG-2")
    said(bench, "BatteryOut", OLD, tag="TAG-2")
    said(bench.after(hours=2), "BatteryIn", OLD | {"soC": 3}, tag="TAG-2")
    assert list(BatterySwap.objects.order_by("pk").values_list("state", flat=True)) == [
        "done",
        "done",
        "half",
    ]


@pytest.mark.parametrize(("status", "expected"), [("Accepted", "accepted"), ("Rejected", "refused")])
def test_a_swap_that_we_asked_for(bench, charge_point, token, status, expected):
    """S02.FR.01, FR.02: the events carry our request id."""
    command = placed(charge_point, "battery_swap", id_tag="tag-1")
    assert built("2.1", command) == (
        "RequestBatterySwap",
        {"requestId": command.pk, "idToken": {"idToken": "TAG-1", "type": token.token_type or "Central"}},
    )
    answer = {"status": status, "statusInfo": {"reasonCode": "NoBatteryAvailable"}}
    assert answered("2.1", command, answer) is (status == "Accepted")
    assert (swap().state, swap().word) == (expected, f"{status} NoBatteryAvailable")
    if status == "Accepted":
        said(bench, "BatteryIn", OLD, request_id=command.pk)
        assert (swap().state, swap().command) == ("half", command)


def test_batteries_that_move_before_the_answer(bench, charge_point, token):
    command = placed(charge_point, "battery_swap", id_tag="TAG-1")
    said(bench, "BatteryIn", OLD, request_id=command.pk)
    assert answered("2.1", command, {"status": "Accepted"})
    assert swap().state == "half"


def test_nobody_swaps_with_a_tag_that_is_not_accepted(charge_point, organization):
    """S02.FR.03."""
    token_create(organization, "BAD", blocked=True)
    with pytest.raises(Conflict):
        placed(charge_point, "battery_swap", id_tag="BAD")
    assert not BatterySwap.objects.exists()


def test_a_request_by_hand_gets_its_row(charge_point, token):
    command = placed(charge_point, "battery_swap", id_tag="TAG-1")
    BatterySwap.objects.all().delete()
    request = {"requestId": 99, "idToken": {"idToken": "TAG-1", "type": "Central"}}
    assert meant("2.1", command, "RequestBatterySwap", request, {"status": "Accepted"})
    assert (swap().request_id, swap().state, swap().id_token) == (99, "accepted", token)
