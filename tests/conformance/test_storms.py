"""F7, F8, F9, T6: repeats, any order, gaps, days of history and foreign numbers, with a ledger as judge.

What a charge point was answered is kept here; afterwards the database must say exactly that. The seeds and
sizes of the ordinary run are small; `make campaign` takes those of the promise.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from central.models import MeterValue, SessionEvent
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.transactions import transactions_end_incomplete
from tests.support.campaign import report, scaled, seeds
from tests.support.handlers import Bench, call_together, charge_point_create, token_create
from tests.support.messages import Transaction, meter_values

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(7200)]

MESSAGES = scaled(300, short=500, full=10_000)
UPDATES = 4


@dataclass
class Story:
    """A transaction, its frames in their order, and the Wh that they tell of."""

    transaction: Transaction
    wh: int
    frames: list = field(default_factory=list)


def tell(bench, chance, number):
    """A transaction of UPDATES updates; in 1.6 its start was answered already."""
    wh, start = chance.randint(100, 50_000), bench.now - timedelta(hours=1000 - number)
    if bench.version == "1.6":
        transaction = bench.begin(connector=1 + number, wh=number, at=start)
        story = Story(transaction, wh)
    else:
        transaction = Transaction(bench.version, connector=1 + number)
        story = Story(transaction, wh, [transaction.start(number, start)])
    for step in range(1, UPDATES + 1):
        at = start + timedelta(minutes=5 * step)
        story.frames.append(transaction.meter(number + wh * step // (UPDATES + 1), at))
    story.frames.append(transaction.stop(number + wh, start + timedelta(minutes=40)))
    return story


def serve(bench, frames, chance):
    """Serve frames in batches of any size, as several connections and processes would; their answers."""
    answers, left = [], list(frames)
    while left:
        size = chance.choice([1, 2, 7, 30])
        some, left = left[:size], left[size:]
        late = bench.after(hours=chance.randint(0, 60))
        answers += call_together((late, frame) for frame in some)
    return answers


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("seed", seeds(2, short=2, full=20))
def test_f8_repeats_in_any_order_change_nothing(version, seed, charge_point, token):
    """Each message two to five times, shuffled over all transactions: one effect, one answer."""
    bench, chance = Bench(charge_point, version), random.Random(seed)
    stories = [tell(bench, chance, number) for number in range(MESSAGES // (3 * (UPDATES + 2)))]
    frames = [frame for story in stories for frame in story.frames for _ in range(chance.randint(2, 5))]
    chance.shuffle(frames)
    told: dict[str, set[str]] = {}
    for frame, answer in zip(frames, serve(bench, frames, chance), strict=True):
        told.setdefault(str(frame), set()).add(str(answer))
    sessions = {session.transaction_id: session for session in bench.sessions()}
    assert {key: session.energy_wh for key, session in sessions.items()} == {
        str(story.transaction.id): story.wh for story in stories
    }
    assert {session.state for session in sessions.values()} == {SessionState.ENDED}
    stored = Counter(MeterValue.objects.values_list("session__transaction_id", flat=True))
    # 1.6 sends its registers at start and stop as fields, 2.x as meter values.
    expected = UPDATES if version == "1.6" else UPDATES + 2
    assert set(stored.values()) == {expected}
    assert [frame for frame, answers in told.items() if len(answers) > 1] == []
    assert not SessionEvent.objects.exclude(quarantine_reason="").exists()
    report("F8", len(frames), what=f"messages repeated and shuffled, {version}, seed {seed}")


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("seed", seeds(2, short=4, full=50))
def test_f9_gaps_are_waited_for_and_flagged(version, seed, charge_point, token):
    """Permuted, a twentieth lost: who is complete ends exactly, who is not waits 72 hours and is flagged."""
    bench, chance = Bench(charge_point, version), random.Random(seed)
    stories = [tell(bench, chance, number) for number in range(scaled(15, short=40, full=100))]
    kept, lost = split(stories, chance)
    serve(bench, chance.sample(kept, len(kept)), chance)
    whole = {story.transaction.id for story in stories if story.transaction.id not in lost}
    ended = {each.transaction_id for each in bench.sessions() if each.state == SessionState.ENDED}
    assert ended == whole
    transactions_end_incomplete(now=bench.now + timedelta(hours=300))
    for story, session in paired(stories, bench):
        if story.transaction.id in whole:
            assert (session.energy_wh, session.review_reasons) == (story.wh, []), story
        elif story.frames[-1] not in lost[story.transaction.id]:
            assert session.state == SessionState.ENDED
            assert ReviewReason.MISSING_EVENTS in session.review_reasons
    serve(bench.after(hours=300), [frame for frames in lost.values() for frame in frames], chance)
    for story, session in paired(stories, bench):
        found = (session.state, session.energy_wh, session.review_reasons)
        assert found == (SessionState.ENDED, story.wh, [])
    report("F9", len(kept), what=f"events permuted, 5 % lost, {version}, seed {seed}", gaps=len(lost))


def split(stories, chance):
    """The frames that arrive, and by transaction those that do not for now."""
    kept: list = []
    lost: dict[str, list] = {}
    for story in stories:
        for frame in story.frames:
            if chance.random() < 0.05:
                lost.setdefault(story.transaction.id, []).append(frame)
            else:
                kept.append(frame)
    return kept, lost


def paired(stories, bench):
    """Each transaction and its session; one of which nothing arrived has none."""
    sessions = {session.transaction_id: session for session in bench.sessions()}
    return [(story, sessions[story.transaction.id]) for story in stories]


def test_t6_numbers_of_another_charge_point_change_nothing_there(organization, charge_point, token):
    """Guesses at transaction ids, the other's among them: answered, and nothing of the other changes."""
    mine, other = Bench(charge_point, "1.6"), Bench(charge_point_create(organization, "OTHER"), "1.6")
    token_create(organization, "TAG-2")
    target = other.begin(tag="TAG-2", wh=100)
    before = other.session()
    count = scaled(300, short=1000, full=10_000)
    chance = random.Random(1)
    numbers = [target.id, *(chance.randrange(1, 2**31) for _ in range(count // 2 - 1))]
    later = mine.after(minutes=5)
    for number in numbers:
        assert later.call(*meter_values("1.6", 9999, transaction_id=number, at=later.now)) == {}
        stop = Transaction("1.6", "TAG-2", id=number).stop(99_999, later.now)
        assert later.call(*stop)["idTagInfo"]["status"]
    other.charge_point.refresh_from_db()
    after = other.session()
    assert [getattr(after, name.attname) for name in after._meta.concrete_fields] == [
        getattr(before, name.attname) for name in before._meta.concrete_fields
    ]
    assert not MeterValue.objects.filter(charge_point=other.charge_point).exists()
    report("T6", 2 * len(numbers), what="stops and meter values for foreign numbers")
