"""Connections open and close in rounds: each charge point by itself, whatever stands beside it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from central.models import ChargePointStatus, OfflineSpan
from central.services.connections import (
    Closing,
    Opened,
    Opening,
    connection_close,
    connection_open,
    connections_close,
    connections_open,
)
from registry.models import Event
from tests.support.handlers import NOW, charge_point_create

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def points(organization):
    """Five of them."""
    return [charge_point_create(organization, f"CP-{number}") for number in range(5)]


def opening(point, connection_id=None, now=NOW):
    return Opening(point.pk, connection_id or uuid.uuid4(), "1.6", "192.0.2.1", now)


def owners():
    return dict(ChargePointStatus.objects.values_list("charge_point_id", "connection_id"))


def kinds(point):
    return list(Event.objects.filter(charge_point=point).order_by("id").values_list("kind", flat=True))


def test_a_round_opens_each_with_what_it_finds(points):
    """A new one, one that was here before, one whose older connection is replaced."""
    connection_open(opening(points[1]))
    connection_close(Closing(points[1].pk, owners()[points[1].pk], NOW))
    ChargePointStatus.objects.filter(charge_point=points[1]).update(boot_status="Accepted")
    connection_open(opening(points[2]))
    openings = [opening(point, now=LATER) for point in points]
    opened = connections_open(openings, waits=False)
    assert opened == [
        Opened(booted=False, replaced=False),
        Opened(booted=True, replaced=False),
        Opened(booted=False, replaced=True),
        Opened(booted=False, replaced=False),
        Opened(booted=False, replaced=False),
    ]
    assert owners() == {each.charge_point_id: each.connection_id for each in openings}
    assert kinds(points[2])[-1] == "charge_point.connection_replaced"
    assert kinds(points[0]) == ["charge_point.connected"]
    assert OfflineSpan.objects.get().ended_at == LATER


def test_the_second_of_two_connections_of_one_charge_point_is_left_for_later(points):
    first, second = opening(points[0]), opening(points[0])
    assert connections_open([first, second], waits=False) == [Opened(False, False), None]
    assert owners() == {points[0].pk: first.connection_id}
    assert connection_open(second).replaced
    assert owners() == {points[0].pk: second.connection_id}


def test_who_asks_twice_because_the_commit_was_unsure_replaces_nobody(points):
    one = opening(points[0])
    connection_open(one)
    assert connection_open(one) == Opened(booted=False, replaced=False)
    assert kinds(points[0]) == ["charge_point.connected"]


def test_t3_a_round_of_closes_takes_nothing_from_newer_connections(points):
    openings = [opening(point) for point in points]
    connections_open(openings, waits=True)
    closings = [Closing(each.charge_point_id, each.connection_id, LATER) for each in openings]
    closings[3] = Closing(points[3].pk, uuid.uuid4(), LATER)
    assert connections_close(closings, waits=True) == [True, True, True, False, True]
    assert [number for number, owner in owners().items() if owner] == [points[3].pk]
    assert OfflineSpan.objects.filter(began_at=LATER, ended_at=None).count() == 4
    assert connections_close(closings, waits=True) == [False] * 5
    assert OfflineSpan.objects.count() == 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_f20_whose_row_somebody_holds_is_left_out_of_the_round(points):
    openings = [opening(point) for point in points]
    connections_open(openings, waits=True)
    closings = [Closing(each.charge_point_id, each.connection_id, LATER) for each in openings]
    again = [opening(point) for point in points]
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            list(ChargePointStatus.objects.select_for_update().filter(charge_point=points[0]))
            held.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    try:
        opened = connections_open(again, waits=False)
        assert opened[0] is None
        assert all(each is not None and each.replaced for each in opened[1:])
        assert connections_close(closings, waits=False) == [None, False, False, False, False]
    finally:
        done.set()
        thread.join()
    assert owners()[points[0].pk] == openings[0].connection_id
    assert connections_close(closings[:1], waits=True) == [True]
