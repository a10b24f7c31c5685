"""Databases and channel layers come and go; sockets stay, and nothing is acknowledged that is not stored."""

import pytest
from django.db import connection, transaction

from central.models import ChargePointStatus, Connector, Message
from tests.support import messages
from tests.support.charge_point import CallError
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def end_other_connections():
    """What a restart of PostgreSQL does to those who are connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.postgres
def test_f2_a_restarted_database_is_found_again_without_a_restart_of_ours(enrolled):
    """F2: every message after it is answered; none is acknowledged without its rows."""
    with enrolled.plug_in() as charger:
        charger.boot()
        for _ in range(5):
            for _ in range(3):
                charger.heartbeat()
            charger.status()
            end_other_connections()
        assert charger.heartbeat()
        acknowledged = Message.objects.filter(direction="out", kind=3, action="Heartbeat").count()
        assert acknowledged == 16


def test_an_internal_error_is_not_an_acknowledgement(enrolled, monkeypatch):
    """What the database refused, the charge point hears as InternalError and repeats."""
    with enrolled.plug_in() as charger:
        charger.boot()
        with monkeypatch.context() as patch:
            patch.setattr("central.ocpp.message_log.write", lambda rows: 1 / 0)
            with pytest.raises(CallError, match="InternalError"):
                charger.status()
        assert charger.status() == {}


def test_f3_trouble_of_the_channel_layer_reaches_no_socket(enrolled, monkeypatch):
    """F3: the layer is a bell; sockets open, serve and end without it."""

    def broken(*_):
        raise ConnectionError("no layer")

    monkeypatch.setattr("emobility.lib.bell.get_channel_layer", broken)
    with enrolled.plug_in() as old:
        old.boot()
        with enrolled.plug_in() as new:
            assert old.wait_closed(within=5) == 1000
            assert new.heartbeat()
    eventually(lambda: not ChargePointStatus.objects.get(charge_point=enrolled.row).is_online)


@pytest.mark.postgres
def test_f20_a_lock_on_one_charge_point_stops_only_that_one(enrolled, enrol):
    """F20: somebody holds the connector of one charge point; the others are served meanwhile."""
    other = enrol("CP-2")
    with enrolled.plug_in() as held, other.plug_in() as free:
        for charger in (held, free):
            charger.boot()
            charger.status()
        with transaction.atomic():
            list(Connector.objects.select_for_update().filter(charge_point=enrolled.row))
            held.send_raw([2, "stuck", *messages.status("1.6", 1, "Charging")])
            for _ in range(5):
                assert free.status(1, "Preparing") == {}
                assert free.heartbeat()
        assert held.recv_raw()[1] == "stuck"
        assert held.status(1, "Charging") == {}


@pytest.mark.postgres
def test_a_charge_point_connects_right_after_a_restart_of_the_database(enrolled):
    """F2: connections that threads still hold from before cost no handshake an error."""
    for _ in range(6):
        with enrolled.plug_in() as charger:
            assert charger.boot()
        end_other_connections()
