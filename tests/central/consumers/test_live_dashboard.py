"""`/dashboard`: snapshot, changes, coming back without a loss."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from central.consumers import live_hub
from central.models import ChargePointStatus, Session
from central.services.connections import Closing, connection_close
from emobility.lib.live import broadcast_tell, changes_tell
from registry.models import ChargePoint, Organization
from tests.support.live import PASSWORD, hear, listen, login
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def own(server):
    return Organization.objects.get_or_create(slug="amber", defaults={"name": "Amber"})[0]


@pytest.fixture
def viewer(own):
    return staff(own, "viewer", password=PASSWORD)


def states(frame):
    return {point["charge_point"]: point["state"] for point in frame["charge_points"]}


def test_a_session_is_told_from_snapshot_to_end_with_energy_power_and_cost(server, enrolled, own, viewer):
    with listen(server, headers=login(server, viewer)) as socket:
        first = hear(socket)
        assert (first["type"], first["part"], first["parts"]) == ("snapshot", 1, 1)
        assert states(first) == {"CP-1": "new"}
        with enrolled.plug_in() as charger:
            charger.boot()
            tx = charger.start("TAG-1", wh=100)
            action, payload = tx.meter(wh=1600)
            power = {"measurand": "Power.Active.Import", "unit": "W", "value": "7400"}
            payload["meterValue"][0]["sampledValue"].append(power)
            charger.call(action, payload)
            told = eventually(lambda: _charging(hear(socket, "changes")))
            assert told["sessions"][0]["energy_wh"] == 1500
            assert told["power_w"] == 7400
            assert told["sessions"][0]["uid"] == str(Session.objects.get().uid)
            charger.call(*tx.stop(wh=2100))
            ended = eventually(lambda: hear(socket, "changes")["ended"])
            assert (ended[0]["energy_wh"], ended[0]["charge_point"]) == (2000, "CP-1")
            assert "TAG-1" not in json.dumps(ended)


def _charging(frame):
    for point in frame["charge_points"]:
        if point["sessions"] and point["sessions"][0]["energy_wh"]:
            return point
    return None


def make_point(organization, cp_id, **live):
    row = ChargePoint.objects.create(organization=organization, cp_id=cp_id, registered_at=datetime.now(UTC))
    ChargePointStatus.objects.create(charge_point=row, **live)
    return row


def go(row, server, **fields):
    """Change a charge point as a process would, with the bell behind it."""
    ChargePointStatus.objects.filter(charge_point=row).update(**fields)
    live_hub_note(server, row.organization_id, [f"charge_point:{row.pk}"])


def live_hub_note(server, organization_id, topics):
    from_loop = live_hub._hubs[server.loop]
    server.loop.call_soon_threadsafe(from_loop.note, organization_id, topics)


def test_who_comes_back_misses_nothing(server, own, viewer):
    """The socket is away while two charge points change, and hears of both with its cursor."""
    now = datetime.now(UTC)
    points = [make_point(own, f"CP-{number}", connected_at=now) for number in range(3)]
    headers = login(server, viewer)
    with listen(server, headers=headers) as stays, listen(server, headers=headers) as leaves:
        cursor = hear(leaves)["cursor"]
        hear(stays)
        leaves.close()
        go(points[0], server, connection_id="00000000-0000-0000-0000-000000000001")
        hear(stays, "changes")
        go(points[1], server, connection_id="00000000-0000-0000-0000-000000000002")
        last = hear(stays, "changes")
        with listen(server, f"/dashboard?cursor={cursor}", headers=headers) as back:
            frames = [hear(back), hear(back), hear(back)]
        assert [frame["type"] for frame in frames] == ["changes", "changes", "resumed"]
        assert frames[0]["after"] == cursor
        assert states(frames[0]) == {"CP-0": "untold"}
        assert states(frames[1]) == {"CP-1": "untold"}
        assert frames[2]["cursor"] == last["cursor"]


def test_a_cursor_of_another_process_brings_a_snapshot(server, own, viewer):
    make_point(own, "CP-1")
    with listen(server, "/dashboard?cursor=deadbeef-7", headers=login(server, viewer)) as socket:
        assert states(hear(socket)) == {"CP-1": "new"}


def test_what_changed_while_nobody_watched_is_in_what_is_told(server, own, viewer):
    point = make_point(own, "CP-1", connected_at=datetime.now(UTC))
    headers = login(server, viewer)
    with listen(server, headers=headers) as socket:
        cursor = hear(socket)["cursor"]
    hub = live_hub._hubs[server.loop]
    eventually(lambda: not hub.sockets)
    ChargePointStatus.objects.filter(charge_point=point).update(status="Faulted", connection_id=point_id(1))
    with listen(server, f"/dashboard?cursor={cursor}", headers=headers) as socket:
        assert states(hear(socket)) == {"CP-1": "faulted"}


def point_id(number):
    return f"00000000-0000-0000-0000-{number:012}"


def test_a_bell_that_nobody_heard_costs_a_moment(server, own, viewer, monkeypatch):
    monkeypatch.setattr("central.consumers.live_scope.REREAD_SECONDS", 0.2)
    point = make_point(own, "CP-1", connected_at=datetime.now(UTC))
    with listen(server, headers=login(server, viewer)) as socket:
        hear(socket)
        ChargePointStatus.objects.filter(charge_point=point).update(connection_id=point_id(1))
        assert states(hear(socket, "changes")) == {"CP-1": "untold"}


def test_another_organisation_is_never_told(server, own, viewer):
    other = Organization.objects.create(name="Basalt", slug="basalt")
    now = datetime.now(UTC)
    foreign, mine = make_point(other, "BASALT", connected_at=now), make_point(own, "CP-1", connected_at=now)
    with listen(server, headers=login(server, viewer)) as socket:
        assert states(hear(socket)) == {"CP-1": "offline"}
        go(foreign, server, connection_id=point_id(1))
        go(mine, server, connection_id=point_id(2))
        assert states(hear(socket)) == {"CP-1": "untold"}


def test_a_broadcast_is_heard_in_its_organisation_between_the_changes(server, own, viewer):
    """Behind the snapshot; pages of the back office, which know topics alone, are left in peace."""
    other = Organization.objects.create(name="Basalt", slug="basalt")
    headers = login(server, viewer)
    with (
        listen(server, headers=headers) as socket,
        listen(server, headers=headers, subprotocols=["emobility.topics"]) as page,
    ):
        cursor = hear(socket)["cursor"]
        broadcast_tell(organization_id=other.pk, message={"text": "foreign"})
        sent = broadcast_tell(organization_id=own.pk, message={"text": "grid off at 12"})
        assert hear(socket) == {"type": "broadcast", "id": sent, "message": {"text": "grid off at 12"}}
        point = make_point(own, "CP-1")
        changes_tell(organization_id=own.pk, topics=[f"charge_point:{point.pk}"])
        assert hear(page)["type"] == "changed"
        assert hear(socket)["after"] == cursor, "a broadcast has no place in the order of changes"


def test_many_changes_become_one_frame(server, own, viewer):
    now = datetime.now(UTC)
    points = [make_point(own, f"CP-{number}", connected_at=now) for number in range(30)]
    with listen(server, headers=login(server, viewer)) as socket:
        hear(socket)
        heard: set[str] = set()
        frames = 0
        for number, point in enumerate(points):
            go(point, server, connection_id=point_id(number + 1))
        while len(heard) < 30:
            frame = hear(socket, "changes")
            heard.update(states(frame))
            frames += 1
        assert frames <= 8


def test_a_gone_socket_leaves_nothing_behind(server, own, viewer):
    with listen(server, headers=login(server, viewer)) as socket:
        hear(socket)
    hub = live_hub._hubs[server.loop]
    eventually(lambda: not hub.sockets)
    assert all(not scope.watchers for scope in hub._scopes.values())


def test_the_state_moves_when_a_charge_point_is_disconnected(server, enrolled, viewer):
    with enrolled.plug_in() as charger:
        charger.boot()
        with listen(server, headers=login(server, viewer)) as socket:
            assert hear(socket)["charge_points"][0]["connected"] is True
            live: Any = ChargePointStatus.objects.get()
            connection_close(Closing(live.charge_point_id, live.connection_id, datetime.now(UTC)))
            assert states(hear(socket, "changes")) == {"CP-1": "offline"}
