"""The position of an event is a cursor that can be trusted, whichever transaction commits first."""

import threading

import pytest
from django.db import connection, transaction

from registry.models import Event
from registry.services.event_numbers import events_number, newest_position
from registry.services.events import event_append
from tests.registry.events.conftest import START


def write(organization, subject):
    return event_append(organization_id=organization.pk, kind="cdr.created", subject=subject, now=START)


def positions():
    return list(Event.objects.order_by("position").values_list("subject", "position"))


def test_positions_follow_one_another(organization):
    for subject in "abc":
        write(organization, subject)
    first = newest_position() + 1
    assert events_number(limit=2) == 2
    assert events_number() == 1
    assert events_number() == 0
    assert positions() == [("a", first), ("b", first + 1), ("c", first + 2)]
    assert newest_position() == first + 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_reader_misses_nothing_of_a_transaction_that_commits_late(organization):
    """The lower key commits last: a reader by keys would have gone past it, one by positions does not."""
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            write(organization, "slow")
            written.set()
            assert go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    write(organization, "quick")
    assert events_number() == 1
    seen = newest_position()
    assert [subject for subject, position in positions() if position and position <= seen] == ["quick"]
    go_on.set()
    thread.join(20)
    assert events_number() == 1
    later = Event.objects.filter(position__gt=seen).values_list("subject", "position")
    assert list(later) == [("slow", seen + 1)]
    assert Event.objects.get(subject="slow").pk < Event.objects.get(subject="quick").pk


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_numberers_give_no_position_twice(organization):
    for number in range(200):
        write(organization, str(number))
    counts = []

    def give():
        while Event.objects.filter(position=None).exists():
            counts.append(events_number(limit=7))
        connection.close()

    threads = [threading.Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 200
    found = [position for _, position in positions()]
    assert found == list(range(found[0], found[0] + 200))
