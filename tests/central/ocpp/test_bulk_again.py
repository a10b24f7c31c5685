"""A bulk command once more for the rest: those that were skipped, refused, or never reached."""

import pytest
from django.test import Client

from central.models import BulkCommand, BulkTarget, Command
from central.models.command import CommandState
from central.ocpp.bulk_orders import again_hindrance, bulk_order_again, bulk_order_plan, bulk_orders_run
from central.services.command_bulks import bulk_confirm
from emobility.lib.errors import Conflict
from registry.models import ChargePoint
from tests.support.handlers import NOW, charge_point_create
from tests.support.world import staff

STATES = {
    "A": CommandState.ACCEPTED,
    "B": CommandState.REJECTED,
    "C": CommandState.EXPIRED,
    "D": CommandState.SENT,
    "E": CommandState.TIMED_OUT,
}


@pytest.fixture
def operator(organization):
    return staff(organization, "operator")


@pytest.fixture
def done(organization, operator):
    """A bulk command that is through: one charge point in each state, F deregistered, G not asked."""
    for cp_id in (*STATES, "F", "G"):
        charge_point_create(organization, cp_id)
    ChargePoint.objects.filter(cp_id="F").update(status="DEREGISTERED")
    return _run(operator, "reset", {"kind": "gentle"}, [*STATES, "F"])


def _run(operator, order, params, names):
    bulk = bulk_order_plan(
        requested_by=operator,
        order=order,
        params=params,
        selection={"charge_points": names},
        reason="night",
        attempts=3,
        now=NOW,
    )
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(bulk_id=bulk.pk, now=NOW)
    for name, state in STATES.items():
        Command.objects.filter(bulk_target__bulk=bulk, charge_point__cp_id=name).update(state=state)
    bulk.refresh_from_db()
    return bulk


def targets(bulk):
    rows = BulkTarget.objects.filter(bulk=bulk)
    return {row.charge_point.cp_id: row.state for row in rows.select_related("charge_point")}


def test_it_is_planned_for_those_that_did_not_take_it(done, operator):
    again = bulk_order_again(bulk=done, requested_by=operator, now=NOW)
    assert targets(again) == {"B": "waiting", "C": "waiting", "E": "waiting", "F": "skipped"}
    told = (again.order, again.params, again.reason, again.max_attempts, again.state)
    assert told == ("reset", {"kind": "gentle"}, "night", 3, "planned")


def test_where_nothing_is_left_it_is_refused(done, operator):
    Command.objects.update(state=CommandState.ACCEPTED)
    BulkTarget.objects.filter(charge_point__cp_id="F").delete()
    assert "All took it" in again_hindrance(done)
    done.state = "running"
    with pytest.raises(Conflict, match="not through"):
        bulk_order_again(bulk=done, requested_by=operator, now=NOW)


def test_an_address_whose_password_is_gone_is_not_ordered_without_it(done, operator):
    params = {"log": "DiagnosticsLog", "location": "ftp://user:canary@files.example/logs"}
    bulk = _run(operator, "log_get", params, ["B", "C"])
    with pytest.raises(Conflict, match="secrets"):
        bulk_order_again(bulk=bulk, requested_by=operator, now=NOW)


def test_pages_and_rest_plan_it(done, operator, organization):
    client = Client()
    client.force_login(operator)
    page = f"/admin/central/bulkcommand/{done.pk}/"
    assert "Again for the rest" in client.get(f"{page}change/").content.decode()
    answer = client.post(f"{page}do/again/")
    planned = BulkCommand.objects.latest("pk")
    assert answer["Location"] == f"/admin/central/bulkcommand/{planned.pk}/change/"
    answer = client.post(f"/api/bulk-commands/{done.uid}/again/")
    assert (answer.status_code, answer.json()["state"]) == (201, "planned")
    assert client.post(f"/api/bulk-commands/{planned.uid}/again/").status_code == 409
    looker = Client()
    looker.force_login(staff(organization, "viewer"))
    assert looker.post(f"/api/bulk-commands/{done.uid}/again/").status_code == 403


def test_what_has_left_is_not_offered_to_be_cancelled(done, operator):
    client = Client()
    client.force_login(operator)
    page = f"/admin/central/bulkcommand/{done.pk}/change/"
    assert "Everything has left already." in client.get(page).content.decode()
    Command.objects.filter(charge_point__cp_id="C").update(state=CommandState.QUEUED)
    assert "Everything has left already." not in client.get(page).content.decode()
