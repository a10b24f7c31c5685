"""Connections that nobody holds any more, and the sweeps' tasks."""

import uuid
from datetime import timedelta

import pytest

from central.models import ChargePointStatus
from central.models.command import CommandState
from central.services.command_delivery import command_claim_next
from central.services.commands import remote_start
from central.services.silence import connections_end_silent, connections_forget, silence_limit
from central.tasks import SCHEDULE, sweep_commands, sweep_connections, sweep_transactions
from emobility.celery import app
from tests.support.handlers import NOW


@pytest.fixture
def live(charge_point):
    """A connection last heard of at NOW."""
    return ChargePointStatus.objects.create(
        charge_point=charge_point, connection_id=uuid.uuid4(), connected_at=NOW, last_seen=NOW
    )


def is_online(live):
    live.refresh_from_db()
    return live.is_online


def test_silence_is_three_heartbeats_and_at_least_two_minutes(settings):
    settings.OCPP_HEARTBEAT_INTERVAL = 10
    assert silence_limit() == timedelta(minutes=2)
    settings.OCPP_HEARTBEAT_INTERVAL = 300
    assert silence_limit() == timedelta(minutes=15)


def test_a_silent_connection_ends_and_its_order_is_unknown(live, charge_point):
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", now=NOW)
    command_claim_next(
        charge_point_id=charge_point.pk, connection_id=live.connection_id, version="1.6", now=NOW
    )
    assert connections_end_silent(now=NOW + silence_limit()) == 0
    assert is_online(live)
    assert connections_end_silent(now=NOW + silence_limit() + timedelta(seconds=1)) == 1
    assert not is_online(live)
    command.refresh_from_db()
    assert command.state == CommandState.UNKNOWN


def test_the_only_server_forgets_what_was_connected_before_it_started(live):
    assert connections_forget(before=NOW, now=NOW) == 0
    assert connections_forget(before=NOW + timedelta(seconds=1), now=NOW) == 1
    assert not is_online(live)


def test_the_tasks_do_their_sweeps(live, charge_point):
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", now=NOW)
    assert (sweep_commands(), sweep_connections(), sweep_transactions()) == (1, 1, 0)
    command.refresh_from_db()
    assert (command.state, is_online(live)) == (CommandState.EXPIRED, False)
    assert command.finished_at is not None


def test_the_schedule_names_tasks_that_run():
    assert {row["task"] for row in SCHEDULE.values()} <= set(app.tasks)
    assert {row["task"] for row in SCHEDULE.values()} <= {
        row["task"] for row in app.conf.beat_schedule.values()
    }
