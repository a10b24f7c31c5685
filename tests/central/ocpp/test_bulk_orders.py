"""One order to many charge points: selected, planned, confirmed, paced, counted, taken back (T20)."""

from datetime import timedelta

import pytest

from central.models import BulkCommand, BulkTarget, ChargePointStatus, Command
from central.ocpp.bulk_orders import bulk_order_plan, bulk_orders_run
from central.selectors.selections import charge_points_selected, progress_of, with_progress
from central.services.command_bulks import bulk_cancel, bulk_confirm
from central.services.command_delivery import command_answered
from central.services.commands import command_create, command_retry
from emobility.lib.errors import Conflict, Forbidden, Invalid, TooMany
from registry.models import AuditEntry, ChargePoint, ChargePointGroup, Site
from registry.models.charge_point import RegistrationStatus
from tests.support.handlers import NOW, charge_point_create
from tests.support.registry import person

PAUSE = timedelta(seconds=5)


@pytest.fixture
def operator(organization):
    return person(organization, "operator")


@pytest.fixture
def fleet(organization, site):
    """Four charge points: two of one model, one that speaks 2.1, one that never connected."""
    for cp_id, model, firmware, version in [
        ("A", "V2", "1.4", "1.6"),
        ("B", "V2", "1.5", "1.6"),
        ("C", "X", "2.0", "2.1"),
    ]:
        point = charge_point_create(organization, cp_id, site=site if cp_id != "B" else None)
        ChargePointStatus.objects.create(
            charge_point=point,
            vendor="Volta",
            model=model,
            firmware_version=firmware,
            ocpp_version=version,
        )
    charge_point_create(organization, "D")


@pytest.fixture
def plan(operator):
    def make(order="clear_cache", params=None, selection=None, **rest):
        return bulk_order_plan(
            requested_by=operator,
            order=order,
            params=params or {},
            selection=selection or {"all": True},
            now=NOW,
            **rest,
        )

    return make


def names(rows):
    return sorted(rows.values_list("cp_id", flat=True))


def progress(bulk):
    counted = progress_of(with_progress(BulkCommand.objects.filter(pk=bulk.pk)).get())
    return {name: count for name, count in counted.items() if count}


def skipped(bulk):
    rows = BulkTarget.objects.filter(bulk=bulk).exclude(skip_reason="")
    return dict(rows.values_list("charge_point__cp_id", "skip_reason"))


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"all": True}, ["A", "B", "C", "D"]),
        ({"vendor": "volta"}, ["A", "B", "C"]),
        ({"model": "v2"}, ["A", "B"]),
        ({"firmware": "1."}, ["A", "B"]),
        ({"model": "V2", "firmware": "1.5"}, ["B"]),
        ({"ocpp_version": "2.1"}, ["C"]),
        ({"charge_points": ["D", "A"]}, ["A", "D"]),
        ({"vendor": "Nobody"}, []),
    ],
)
def test_what_is_selected(fleet, operator, selection, expected):
    assert names(charge_points_selected(actor=operator, selection=selection)) == expected


def test_a_site_or_a_group_is_selected(fleet, operator, organization, site):
    assert names(charge_points_selected(actor=operator, selection={"site": site.pk})) == ["A", "C"]
    group = ChargePointGroup.objects.create(organization=organization, name="V2", rule_model="V2")
    assert names(charge_points_selected(actor=operator, selection={"group": group.pk})) == ["A", "B"]


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        ({}, "selection"),
        ({"model": ""}, "selection"),
        ({"colour": "red"}, "colour"),
        ({"site": 999_999}, "site"),
        ({"group": "x"}, "group"),
        ({"charge_points": ["A", "ZZZ"]}, "charge_points"),
        ({"charge_points": "A"}, "charge_points"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused_with_its_field(fleet, operator, selection, field):
    with pytest.raises(Invalid) as fault:
        list(charge_points_selected(actor=operator, selection=selection))
    assert set(fault.value.fields) == {field}


def test_nobody_selects_another_organisations_charge_points(fleet, operator, stranger_organization):
    charge_point_create(stranger_organization, "X")
    foreign = Site.objects.create(organization=stranger_organization, name="Theirs")
    assert "X" not in names(charge_points_selected(actor=operator, selection={"all": True}))
    for selection in ({"charge_points": ["X"]}, {"site": foreign.pk}):
        with pytest.raises(Invalid):
            list(charge_points_selected(actor=operator, selection=selection))


def test_a_plan_sends_nothing_and_tells_who_is_skipped_and_why(fleet, plan):
    ChargePoint.objects.filter(cp_id="B").update(status=RegistrationStatus.DEREGISTERED)
    bulk = plan("transaction_status")
    assert not Command.objects.exists()
    assert skipped(bulk) == {"A": "OCPP 1.6 has no such order.", "B": "It is deregistered."}
    assert progress(bulk) == {"total": 4, "waiting": 2, "skipped": 2}
    assert bulk_orders_run(now=NOW) == 0


@pytest.mark.parametrize(
    ("order", "params", "field"),
    [("explode", {}, "order"), ("reset", {"kind": "now"}, "kind"), ("reset", {"x": 1}, "x")],
)
def test_a_wrong_order_is_refused_once_for_all(fleet, plan, order, params, field):
    with pytest.raises(Invalid) as fault:
        plan(order, params)
    assert field in fault.value.fields
    assert not BulkCommand.objects.exists()


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"variables": [{"name": "HeartbeatInterval", "value": "300"}]}, False),
        ({"variables": "ApnPassword = SECRET"}, True),
    ],
)
def test_a_plan_stores_no_secret(fleet, plan, params, refused):
    if not refused:
        assert plan("configuration_set", params).params
        return
    with pytest.raises(Invalid, match="secret"):
        plan("configuration_set", params)
    assert not BulkCommand.objects.exists()


def test_an_empty_selection_is_no_plan(fleet, plan):
    with pytest.raises(Invalid):
        plan(selection={"vendor": "Nobody"})


def test_the_right_of_the_order_is_needed(fleet, plan):
    with pytest.raises(Forbidden):
        plan("raw", {"action": "ClearCache"})


def test_confirmed_it_orders_each_with_all_that_was_asked(fleet, plan, operator):
    bulk = plan("reset", {"kind": "gentle"}, reason="update", ttl=timedelta(hours=2), attempts=3)
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    assert bulk_orders_run(now=NOW) == 4
    bulk.refresh_from_db()
    assert (bulk.state, progress(bulk)) == ("done", {"total": 4, "queued": 4})
    command = Command.objects.first()
    assert command is not None
    assert (command.source, command.reason, command.max_attempts) == ("bulk", "update", 3)
    assert (command.requested_by, command.expires_at) == (operator, NOW + timedelta(hours=2))
    audited = AuditEntry.objects.filter(user=operator)
    assert audited.filter(action="command.queued:reset").count() == 4
    assert audited.filter(action="bulk_command.confirmed:reset").count() == 1


def test_it_is_confirmed_once(fleet, plan, operator):
    bulk = plan()
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    with pytest.raises(Conflict):
        bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)


def test_what_is_refused_later_is_skipped_with_its_reason(fleet, plan, operator, settings):
    bulk = plan()
    settings.OCPP_COMMAND_QUEUE_LIMIT = 1
    command_create(charge_point=ChargePoint.objects.get(cp_id="A"), order="reset", params={}, now=NOW)
    ChargePoint.objects.filter(cp_id="B").update(status=RegistrationStatus.DEREGISTERED)
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    assert set(skipped(bulk)) == {"A", "B"}
    assert "Too many commands wait" in skipped(bulk)["A"]
    assert progress(bulk) == {"total": 4, "queued": 2, "skipped": 2}


def test_portions_leave_one_after_the_other(fleet, plan, operator, settings):
    """A thousand do not overload: OCPP_BULK_PORTION each OCPP_BULK_PAUSE."""
    settings.OCPP_BULK_PORTION = 3
    bulk = plan()
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    assert bulk_orders_run(now=NOW) == 3
    assert bulk_orders_run(now=NOW + PAUSE / 2) == 0
    assert progress(bulk) == {"total": 4, "queued": 3, "waiting": 1}
    assert bulk_orders_run(now=NOW + PAUSE) == 1
    bulk.refresh_from_db()
    assert (bulk.state, bulk.finished_at) == ("done", NOW + PAUSE)
    assert bulk_orders_run(now=NOW + 3 * PAUSE) == 0


def test_answers_are_counted_by_state(fleet, plan, operator):
    bulk = plan()
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    first, second, *_ = Command.objects.order_by("pk")
    Command.objects.filter(pk__in=[first.pk, second.pk]).update(state="sent")
    command_answered(command_id=first.pk, answer={"status": "Accepted"}, accepted=True, now=NOW)
    command_answered(command_id=second.pk, answer={"status": "Rejected"}, now=NOW)
    assert progress(bulk) == {"total": 4, "accepted": 1, "rejected": 1, "queued": 2}


def test_cancelled_it_orders_no_more_and_takes_back_what_waits(fleet, plan, operator, settings):
    settings.OCPP_BULK_PORTION = 2
    bulk = plan()
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    Command.objects.filter(pk=Command.objects.order_by("pk")[:1].get().pk).update(state="sent")
    bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    assert progress(bulk) == {"total": 4, "sent": 1, "cancelled": 1, "skipped": 2}
    assert bulk_orders_run(now=NOW + PAUSE) == 0
    with pytest.raises(Conflict):
        bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)


def test_what_has_left_altogether_is_not_cancelled(fleet, plan, operator):
    bulk = plan()
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    Command.objects.update(state="accepted")
    with pytest.raises(Conflict):
        bulk_cancel(bulk=bulk, requested_by=operator, now=NOW)
    bulk.refresh_from_db()
    assert bulk.state == "done"


class TestThePaceOfAPerson:
    """T20: sixty orders a minute; a bulk command counts as one, its commands do not."""

    @pytest.fixture(autouse=True)
    def _room(self, settings):
        settings.OCPP_COMMAND_QUEUE_LIMIT = 100

    def order(self, operator):
        point = ChargePoint.objects.get(cp_id="A")
        return command_create(charge_point=point, order="reset", params={}, requested_by=operator, now=NOW)

    def test_a_bulk_counts_once(self, fleet, plan, operator):
        bulk = plan()
        bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
        bulk_orders_run(now=NOW)
        for _ in range(59):
            self.order(operator)
        with pytest.raises(TooMany):
            self.order(operator)

    def test_a_bulk_is_one_too_many_as_well(self, fleet, plan, operator):
        bulk = plan()
        for _ in range(60):
            self.order(operator)
        with pytest.raises(TooMany):
            bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
        bulk.refresh_from_db()
        assert bulk.state == "planned"

    def test_a_repeat_of_one_of_its_commands_counts(self, fleet, plan, operator):
        bulk = plan()
        bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
        bulk_orders_run(now=NOW)
        Command.objects.update(state="rejected")
        again = command_retry(command=Command.objects.all()[0], requested_by=operator, now=NOW)
        assert again.source == "retry"


def test_a_target_that_breaks_does_not_hold_up_the_others(fleet, plan, operator, monkeypatch):
    bulk = bulk_confirm(bulk=plan(), requested_by=operator, now=NOW)
    monkeypatch.setattr("central.ocpp.bulk_orders.order_place", lambda **_asked: 1 / 0)
    bulk_orders_run(now=NOW)
    bulk.refresh_from_db()
    assert (bulk.state, len(skipped(bulk)), Command.objects.count()) == ("done", 4, 0)
