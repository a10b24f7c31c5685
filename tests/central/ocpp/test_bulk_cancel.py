"""A bulk command taken back: at once however many wait, for good, and whatever interrupted it."""

import pytest

from central.models import BulkCommand, ChargePointStatus, Command
from central.ocpp.bulk_orders import bulk_order_plan, bulk_orders_run
from central.selectors.selections import progress_of, with_progress
from central.services.command_bulks import bulk_cancel, bulk_confirm
from central.services.command_delivery import command_timed_out
from registry.models import AuditEntry
from tests.support.handlers import NOW, charge_point_create
from tests.support.registry import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(organization):
    return person(organization, "operator")


@pytest.fixture
def running(organization, operator):
    """A bulk command to so many charge points, all of it ordered."""

    def make(order="clear_cache", params=None, many=4, **rest):
        for number in range(many):
            point = charge_point_create(organization, f"POINT-{number}")
            ChargePointStatus.objects.create(charge_point=point, ocpp_version="1.6")
        bulk = bulk_order_plan(
            requested_by=operator, order=order, params=params or {}, selection={"all": True}, now=NOW, **rest
        )
        bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
        bulk_orders_run(now=NOW)
        return bulk

    return make


def progress(bulk):
    found = progress_of(with_progress(BulkCommand.objects.filter(pk=bulk.pk)).get())
    return {name: count for name, count in found.items() if count}


def test_what_is_under_way_then_is_not_tried_again(running, operator):
    bulk = running(attempts=3)
    sent = Command.objects.order_by("pk")[:1].get()
    Command.objects.filter(pk=sent.pk).update(state="sent", attempts=1)
    bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    command_timed_out(command_id=sent.pk, now=NOW)
    assert progress(bulk) == {"total": 4, "timed_out": 1, "cancelled": 3}


def test_a_cancellation_that_was_interrupted_can_be_finished(running, operator):
    variables = [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]
    bulk = running("configuration_set", {"variables": variables})
    BulkCommand.objects.update(state="cancelled")
    bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    assert set(Command.objects.values_list("state", "whole")) == {
        ("cancelled", ""),
        ("cancelled", "cancelled"),
    }
    assert AuditEntry.objects.filter(action="command.cancelled:configuration_set").count() == 8


def test_many_are_taken_back_by_few_statements(running, operator, django_assert_max_num_queries):
    bulk = running(many=40)
    with django_assert_max_num_queries(25):
        bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    assert progress(bulk) == {"total": 40, "cancelled": 40}
