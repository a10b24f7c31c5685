"""Repeats (RELIABILITY F8): each message twice to five times, in any order a charge point may take."""

import random
from datetime import timedelta

import pytest

from central.models import MeterValue, SessionEvent
from central.models.session import SessionState
from tests.support.handlers import Bench

SESSIONS = 8


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_repeat_gets_the_first_answer_and_changes_nothing(version, seed, charge_point, token):
    """The ledger: acknowledged starts and stops, and their Wh, against the database (I1, I3)."""
    bench, chance = Bench(charge_point, version), random.Random(seed)
    ledger, told = {}, []

    def say(frame, repeats=None):
        """Send a frame, and later some of what was said before once more."""
        answer = bench.call(*frame)
        for _ in range(repeats or chance.randint(1, 4)):
            assert bench.after(hours=chance.randint(0, 50)).call(*frame) == answer
        told.append((frame, answer))
        old, was = chance.choice(told)
        assert bench.call(*old) == was

    for number in range(SESSIONS):
        start, wh = bench.now + timedelta(hours=number), chance.randint(1, 9000)
        transaction = bench.begin(connector=1 + number % 2, wh=number, at=start)
        say(transaction.meter(number + wh // 2, start + timedelta(minutes=20)))
        say(transaction.stop(number + wh, start + timedelta(minutes=40)))
        ledger[str(transaction.id)] = wh
    sessions = bench.sessions()
    assert {session.transaction_id: session.energy_wh for session in sessions} == ledger
    assert {session.state for session in sessions} == {SessionState.ENDED}
    assert not any(session.needs_review for session in sessions)
    assert not SessionEvent.objects.exclude(quarantine_reason="").exists()
    assert MeterValue.objects.count() == SESSIONS * (1 if version == "1.6" else 3)


def test_a_day_offline_is_history_like_news(bench, token):
    """F7: 12 sessions and their meter values arrive a day late and all at once (1.6 §3.7)."""
    late = bench.after(hours=24)
    for number in range(12):
        start = bench.now + timedelta(hours=2 * number)
        transaction = late.begin(wh=1000 * number, at=start)
        late.call_all(
            [
                transaction.meter(1000 * number + 10 * step, start + timedelta(seconds=50 * step))
                for step in range(1, 91)
            ]
        )
        late.call(*transaction.stop(1000 * number + 905, start + timedelta(minutes=80)))
    sessions = late.sessions()
    assert [session.energy_wh for session in sessions] == [905] * 12
    assert [session.started_at for session in sessions] == [
        bench.now + timedelta(hours=2 * number) for number in range(12)
    ]
    assert not any(session.needs_review for session in sessions)
    assert MeterValue.objects.count() == 12 * 90
