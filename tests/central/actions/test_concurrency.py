"""Two writers at once (RELIABILITY F8, F18): the same start is one session, nothing deadlocks."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from central.models import Connector, Evse, Session, SessionEvent
from emobility.lib import bell
from tests.support.campaign import report, scaled
from tests.support.handlers import Bench, call_together, charge_point_create, token_create
from tests.support.messages import Transaction, status

STATIONS, BURSTS = scaled(20, short=30, full=100), scaled(4, short=4, full=10)


@pytest.fixture(autouse=True)
def _quiet(transactional_db):
    """What rang meanwhile is heard before the tables are emptied."""
    yield
    assert bell.drain()


def together(jobs):
    """Run all jobs at the same moment in threads of their own; their results in order."""
    gate = threading.Barrier(len(jobs))

    def run(job):
        gate.wait(20)
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_same_start_in_parallel_is_one_session(version, charge_point, token):
    bench = Bench(charge_point, version)
    for connector in range(1, 6):
        frame = Transaction(version, connector=connector).start(0, bench.now)
        first, second = together([lambda frame=frame: bench.call(*frame)] * 2)
        assert first == second
    assert Session.objects.count() == SessionEvent.objects.count() == 5


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_f18_two_different_starts_on_one_connector_are_both_answered(version, charge_point, organization):
    token_create(organization, "TAG-1")
    token_create(organization, "TAG-2")
    bench = Bench(charge_point, version)
    frames = [Transaction(version, tag).start(0, bench.now) for tag in ("TAG-1", "TAG-2")]
    together([lambda frame=frame: bench.call(*frame) for frame in frames])
    assert Session.objects.count() == 2


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_the_same_stop_in_parallel_has_one_effect(version, charge_point, token):
    bench = Bench(charge_point, version)
    transaction = bench.begin(wh=0)
    frame = transaction.stop(500, bench.now)
    first, second = together([lambda: bench.call(*frame)] * 2)
    assert first == second
    assert (bench.session().energy_wh, SessionEvent.objects.filter(kind="stop").count()) == (500, 1)


def test_a_card_at_two_charge_points_at_once_charges_at_one(organization):
    token_create(organization, concurrent_sessions=1)
    benches = [Bench(charge_point_create(organization), "1.6") for _ in range(4)]
    frame = Transaction("1.6").start(0, benches[0].now)
    answers = together([lambda bench=bench: bench.call(*frame) for bench in benches])
    assert sorted(answer["idTagInfo"]["status"] for answer in answers) == ["Accepted"] + ["ConcurrentTx"] * 3


def test_f18_first_contacts_at_once_never_deadlock(organization):
    benches = [Bench(charge_point_create(organization), "1.6") for _ in range(STATIONS)]

    def burst(seed):
        frames = [(bench, status("1.6", connector)) for bench in benches for connector in (0, 1, 2)]
        return call_together(random.Random(seed).sample(frames, len(frames)))

    for answers in together([lambda seed=seed: burst(seed) for seed in range(BURSTS)]):
        assert answers == [{}] * (3 * STATIONS)
    assert (Evse.objects.count(), Connector.objects.count()) == (2 * STATIONS, 2 * STATIONS)
    report("F18", BURSTS, what=f"first reports of {STATIONS} charge points at once")


def test_updates_of_the_same_sessions_in_other_orders_never_deadlock(organization):
    token_create(organization)
    pairs = [
        (bench, bench.begin(wh=0))
        for bench in (Bench(charge_point_create(organization), "2.0.1") for _ in range(15))
    ]

    def burst(seed):
        frames = [(bench, transaction.meter(100 + seed, bench.now)) for bench, transaction in pairs]
        return call_together(random.Random(seed).sample(frames, len(frames)))

    together([lambda seed=seed: burst(seed) for seed in range(3)])
    assert SessionEvent.objects.filter(kind="update").count() >= 15
