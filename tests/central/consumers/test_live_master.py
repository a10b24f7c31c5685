"""`/master`: orders and their answers, plans for many, observing, broadcasts, rights and limits."""

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from central.models import BulkCommand, Command
from emobility.lib.live import broadcast_tell
from registry.models import AuditEntry, ChargePoint, Organization, User
from registry.services.events import event_append
from tests.support.live import PASSWORD, hear, listen, login, say
from tests.support.world import staff

pytestmark = pytest.mark.integration

RESET = {"type": "order", "ref": 7, "to": "CP-1", "order": "reset", "params": {"kind": "gentle"}}


@pytest.fixture
def own(server):
    return Organization.objects.get_or_create(slug="amber", defaults={"name": "Amber"})[0]


@pytest.fixture
def master(server, own):
    """A console of somebody in a role."""

    @contextmanager
    def opened(role="operator"):
        person = staff(own, role, password=PASSWORD)
        with listen(server, "/master", headers=login(server, person)) as socket:
            assert hear(socket)["type"] == "welcome"
            yield socket

    return opened


def test_an_order_reaches_the_charge_point_and_its_answer_comes_back(enrolled, master):
    with enrolled.plug_in(handlers={"Reset": {"status": "Accepted"}}) as charger, master() as socket:
        charger.boot()
        say(socket, RESET)
        accepted = hear(socket, "accepted")
        assert (accepted["ref"], accepted["charge_point"], accepted["order"]) == (7, "CP-1", "reset")
        told = hear(socket, "command")
        while told["state"] != "accepted":
            told = hear(socket, "command")
        assert (told["uid"], told["ref"], told["action"]) == (accepted["uid"], 7, "Reset")
        assert told["answer"] == {"status": "Accepted"}
    command: Any = Command.objects.get()
    assert (command.source, command.requested_by.username) == ("master", "operator-amber")
    assert AuditEntry.objects.filter(action="command.queued:reset").count() == 1


def test_an_action_of_ocpp_goes_with_its_payload(enrolled, master):
    handlers = {"GetLocalListVersion": {"listVersion": 3}}
    with enrolled.plug_in(handlers=handlers) as charger, master("admin") as socket:
        charger.boot()
        say(socket, {"type": "order", "to": "CP-1", "action": "GetLocalListVersion", "payload": {}})
        told = hear(socket, "command")
        while told["state"] in {"queued", "sent"}:
            told = hear(socket, "command")
        assert told["answer"] == {"listVersion": 3}


def test_an_order_to_many_is_planned_and_waits_for_its_confirmation(enrol, master):
    one, two = enrol("CP-1"), enrol("CP-2")
    handlers = {"ClearCache": {"status": "Accepted"}}
    with one.plug_in(handlers=handlers) as a, two.plug_in(handlers=handlers) as b, master() as socket:
        a.boot()
        b.boot()
        say(socket, {"type": "order", "ref": "x", "to": {"all": True}, "order": "clear_cache"})
        planned = hear(socket, "planned")
        assert (planned["targets"], planned["skipped"], Command.objects.count()) == (2, [], 0)
        say(socket, {"type": "confirm", "ref": "x", "bulk": planned["bulk"]})
        assert hear(socket, "confirmed")["targets"] == 2
        accepted: set[str] = set()
        while len(accepted) < 2:
            told = hear(socket, "command")
            if told["state"] == "accepted":
                accepted.add(told["charge_point"])
        assert accepted == {"CP-1", "CP-2"}
        assert hear(socket, "done")["ref"] == "x"
    assert AuditEntry.objects.filter(action="bulk_command.confirmed:clear_cache").count() == 1


def test_some_are_ordered_at_once_where_the_frame_confirms(enrol, master):
    enrol("CP-1"), enrol("CP-2"), enrol("CP-3")
    with master() as socket:
        order = {"type": "order", "to": ["CP-1", "CP-3"], "order": "clear_cache", "confirm": True}
        say(socket, order)
        assert hear(socket, "confirmed")["targets"] == 2
    assert sorted(Command.objects.values_list("charge_point__cp_id", flat=True)) == ["CP-1", "CP-3"]
    assert BulkCommand.objects.get().selection == {"charge_points": ["CP-1", "CP-3"]}


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ({"type": "order", "to": "CP-9", "order": "reset"}, "not_found", None),
        ({"type": "order", "to": "CP-1", "order": "explode"}, "invalid", "order"),
        ({"type": "order", "to": "CP-1", "order": 5}, "invalid", "order"),
        ({"type": "order", "to": 5, "order": "clear_cache"}, "invalid", "to"),
        ({"type": "order", "to": ["CP-1", "CP-9"], "order": "clear_cache"}, "invalid", "charge_points"),
        ({"type": "order", "to": {}, "order": "clear_cache"}, "invalid", "selection"),
        (
            {"type": "order", "to": "CP-1", "order": "clear_cache", "valid_seconds": -1},
            "invalid",
            "valid_seconds",
        ),
        ({"type": "order", "to": "CP-1", "order": "clear_cache", "reason": 5}, "invalid", "reason"),
        ({"type": "order", "to": "CP-1", "action": "Reset", "payload": {}}, "forbidden", None),
        ({"type": "confirm", "bulk": "nonsense"}, "not_found", None),
        ({"type": "observe", "charge_points": ["CP-9"]}, "invalid", "charge_points"),
        ({"type": "observe", "kinds": "session"}, "invalid", "kinds"),
        ({"type": "sing"}, "invalid", None),
    ],
)
def test_what_is_wrong_is_refused_in_the_form_of_rest(enrolled, own, master, content, code, field):
    other = Organization.objects.create(name="Basalt", slug="basalt")
    ChargePoint.objects.create(organization=other, cp_id="CP-9", registered_at=datetime.now(UTC))
    with master() as socket:
        say(socket, content | {"ref": "r"})
        fault = hear(socket)
    assert (fault["type"], fault["code"], fault["ref"]) == ("error", code, "r")
    assert field is None or field in fault["fields"]
    assert not Command.objects.exists()


def test_a_viewer_observes_and_may_not_order(enrolled, master):
    with master("viewer") as socket:
        say(socket, RESET)
        assert hear(socket)["code"] == "forbidden"
        say(socket, {"type": "observe", "charge_points": ["CP-1"], "messages": True})
        assert hear(socket)["type"] == "observing"


def test_t20_the_sixty_first_order_of_a_minute_is_refused(enrolled, own, master):
    """T20: the pace of a person is one, by whatever way the orders come."""
    now = datetime.now(UTC)
    with master() as socket:
        Command.objects.bulk_create(
            Command(
                organization=own,
                charge_point=enrolled.row,
                order="clear_cache",
                requested_by=User.objects.get(username="operator-amber"),
                source="api",
                state="accepted",
                created_at=now,
                expires_at=now,
            )
            for _ in range(60)
        )
        say(socket, RESET)
        assert hear(socket, "error")["code"] == "too_many"


def test_messages_and_events_are_observed_as_asked(enrol, own, master):
    one, two = enrol("CP-1"), enrol("CP-2")
    other = Organization.objects.create(name="Basalt", slug="basalt")
    with one.plug_in() as a, two.plug_in() as b, master("viewer") as socket:
        b.boot()
        wish = {"type": "observe", "charge_points": ["CP-1"], "messages": True, "events": True}
        say(socket, wish | {"kinds": ["a.test"]})
        assert hear(socket)["type"] == "observing"
        b.heartbeat()
        a.boot()
        messages = hear(socket, "messages")["messages"]
        assert {(row["charge_point"], row["action"]) for row in messages} == {("CP-1", "BootNotification")}
        now = datetime.now(UTC)
        event_append(organization_id=other.pk, kind="a.test_foreign", now=now)
        event_append(organization_id=own.pk, kind="a.other", charge_point_id=one.row.pk, now=now)
        event_append(
            organization_id=own.pk, kind="a.test_own", charge_point_id=one.row.pk, data={"a": 1}, now=now
        )
        events = hear(socket, "events")["events"]
        assert [(row["kind"], row["charge_point"], row["data"]) for row in events] == [
            ("a.test_own", "CP-1", {"a": 1})
        ]
        say(socket, {"type": "unobserve"})
        assert hear(socket, "observing_ended")
        a.heartbeat()
        say(socket, {"type": "ping", "ref": 1})
        assert hear(socket)["type"] == "pong"


def test_a_broadcast_is_heard_in_its_organisation_only(server, own, master):
    other = Organization.objects.create(name="Basalt", slug="basalt")
    with master() as socket:
        broadcast_tell(organization_id=other.pk, message={"text": "foreign"})
        broadcast_tell(organization_id=own.pk, message={"text": "grid off at 12"})
        broadcast_tell(organization_id=None, message={"text": "maintenance"})
        heard = [hear(socket, "broadcast")["message"]["text"] for _ in range(2)]
    assert heard == ["grid off at 12", "maintenance"]
