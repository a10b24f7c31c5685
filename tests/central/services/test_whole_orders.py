"""An order of several messages is one to people: its state, attempts, repeat, bulk progress, taking back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from central.ocpp.bulk_orders import bulk_order_plan, bulk_orders_run
from central.ocpp.ordering import order_place, order_retry
from central.selectors.selections import progress_of, with_progress
from central.services.command_bulks import bulk_cancel, bulk_confirm
from central.services.command_delivery import command_answered, command_claim_next
from central.services.commands import command_cancel
from tests.support.handlers import NOW, charge_point_create
from tests.support.registry import person

KEYS = {"variables": [{"name": name, "value": "1"} for name in "ABC"]}


@pytest.fixture
def connection_id(charge_point):
    status = ChargePointStatus.objects.create(
        charge_point=charge_point, ocpp_version="1.6", connection_id=uuid4()
    )
    return status.connection_id


@pytest.fixture
def several(charge_point, connection_id):
    return order_place(charge_point=charge_point, order="configuration_set", params=KEYS, attempts=2, now=NOW)


def answer(charge_point, connection_id, accepted=True):
    """The next message leaves and is answered."""
    command = command_claim_next(
        charge_point_id=charge_point.pk, connection_id=connection_id, version="1.6", now=NOW
    )
    assert command is not None
    command_answered(command_id=command.pk, answer={"status": "x"}, accepted=accepted, now=NOW)


def outcome(command):
    command.refresh_from_db()
    return command.outcome


def test_its_state_is_that_of_all_parts(charge_point, connection_id, several):
    assert (outcome(several), several.parts.count()) == ("queued", 2)
    answer(charge_point, connection_id)
    assert (outcome(several), several.state) == ("queued", "accepted")
    answer(charge_point, connection_id, accepted=False)
    answer(charge_point, connection_id)
    assert outcome(several) == "rejected"


def test_attempts_hold_for_each_part(several):
    assert set(Command.objects.values_list("max_attempts", flat=True)) == {2}


def test_a_repeat_sends_again_what_was_not_accepted(charge_point, connection_id, several, organization):
    for accepted in (True, False, False):
        answer(charge_point, connection_id, accepted)
    part = Command.objects.get(pk=several.parts.first().pk)
    again = order_retry(command=part, requested_by=person(organization, "operator"), now=NOW)
    assert again.retry_of == several
    sent = [each.params["variables"][0]["name"] for each in (again, *again.parts.all())]
    assert (sent, again.outcome) == (["B", "C"], "queued")


def test_taken_back_by_any_of_its_parts(charge_point, connection_id, several):
    answer(charge_point, connection_id)
    command_cancel(command=several.parts.last(), now=NOW)
    assert list(several.parts.values_list("state", flat=True)) == ["cancelled", "cancelled"]
    assert outcome(several) == "cancelled"


def test_a_bulk_command_counts_and_takes_back_all_parts(charge_point, connection_id, organization):
    operator = person(organization, "operator")
    bulk = bulk_order_plan(
        requested_by=operator, order="configuration_set", params=KEYS, selection={"all": True}, now=NOW
    )
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    answer(charge_point, connection_id)
    assert progress(bulk) == {"total": 1, "queued": 1}
    bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    assert progress(bulk) == {"total": 1, "cancelled": 1}
    assert not Command.objects.filter(state=CommandState.QUEUED).exists()


def progress(bulk):
    found = progress_of(with_progress(type(bulk).objects.filter(pk=bulk.pk)).get())
    return {name: count for name, count in found.items() if count}


@pytest.mark.campaign
def test_a_thousand_charge_points_are_ordered_in_portions(organization, django_assert_max_num_queries):
    for number in range(1000):
        charge_point_create(organization, f"CP-{number:04d}")
    operator = person(organization, "operator")
    with django_assert_max_num_queries(20):
        bulk = bulk_order_plan(
            requested_by=operator, order="clear_cache", params={}, selection={"all": True}, now=NOW
        )
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    settled, rounds, now = 0, 0, NOW
    while done := bulk_orders_run(now=now):
        settled, rounds, now = settled + done, rounds + 1, now + timedelta(seconds=5)
    assert (settled, rounds, progress(bulk)) == (1000, 20, {"total": 1000, "queued": 1000})
