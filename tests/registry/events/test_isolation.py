"""Several workers, slow receivers: nobody waits for another, nothing is sent twice, nothing is lost."""

import threading
from collections import Counter

import pytest
from django.db import connection

from registry.models import WebhookDelivery
from registry.services.event_rounds import Round, round_begin, round_end, rounds_start
from registry.services.webhook_endpoints import Wish, webhook_create
from registry.tasks import carry_events
from tests.registry.events.conftest import START
from tests.support.receiver import Receiver
from tests.support.wait import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_slow_receiver_delays_no_other(organization, receiver, tell, clock):
    """One holds every request until the end; the other has all of its events long before."""
    hold = threading.Event()
    with Receiver() as slow:
        slow.answer = lambda arrived: 200 if hold.wait(20) else 500
        for name, url in (("quick", receiver.url), ("slow", slow.url)):
            webhook_create(organization=organization, wish=Wish(name, url), actor="test", now=START)
        for number in range(30):
            tell(str(number))
        work = Round(threads=8)
        while len(receiver.requests) < 30:
            work.step(clock.now)
            work.collect(clock.now, 1)
        assert len(slow.requests) <= 4
        hold.set()
        while work.step(clock.now) or work.is_busy:
            work.collect(clock.now, 5)
        work.close()
        assert len(slow.requests) == 30


@pytest.mark.postgres
def test_two_workers_send_each_event_once_and_in_order(organization, endpoint, receiver, tell, clock, points):
    for number in range(60):
        tell(str(number), points[number % 2])

    def work():
        clock.go_round()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    clock.go_round()
    assert set(Counter(arrived.uid for arrived in receiver.requests).values()) == {1}
    numbers = [int(subject) for subject in receiver.subjects]
    assert [each for each in numbers if each % 2 == 0] == list(range(0, 60, 2))
    assert [each for each in numbers if each % 2] == list(range(1, 60, 2))


def test_one_goes_round_at_a_time(organization, clock):
    assert round_begin(now=clock.now)
    assert not round_begin(now=clock.now)
    round_end()
    assert round_begin(now=clock.now)


def test_the_task_carries_what_is_there_and_ends(endpoint, receiver, tell):
    rounds_start()
    tell("1")
    carry_events()
    assert receiver.subjects == ["1"]
    assert eventually(lambda: WebhookDelivery.objects.get().state == "delivered")
