"""Questions of many sockets cross together; what cannot be answered beside others waits alone."""

import asyncio
import threading

from central.ocpp import batch
from central.ocpp.crossing import ROUND_LIMIT, Crossing
from tests.support.wait import FACTOR


def asked(many, questions, meanwhile=lambda done: None):
    """Ask all at the same moment; the answer or the error of each."""

    async def run():
        crossing, done = Crossing(many), []

        async def ask(question):
            try:
                return await crossing.ask(question)
            finally:
                done.append(question)
                meanwhile(done)

        work = asyncio.gather(*map(ask, questions), return_exceptions=True)
        return await asyncio.wait_for(work, 20 * FACTOR)

    return asyncio.run(run())


def test_those_who_ask_at_the_same_moment_share_a_round():
    rounds = []

    def many(questions, alone):
        rounds.append((list(questions), alone))
        return [question * 2 for question in questions]

    numbers = list(range(ROUND_LIMIT + 30))
    assert asked(many, numbers) == [number * 2 for number in numbers]
    assert rounds == [(numbers[:ROUND_LIMIT], False), (numbers[ROUND_LIMIT:], False)]


def test_an_error_is_for_whoever_asked_and_none_is_asked_again_alone():
    def many(questions, alone):
        if alone:
            return ["alone"]
        return [{1: ValueError("one"), 2: None}.get(question, "beside") for question in questions]

    first, error, third, last = asked(many, [0, 1, 2, 3])
    assert (first, third, last) == ("beside", "alone", "beside")
    assert isinstance(error, ValueError)


def test_where_a_round_fails_each_gets_its_own_chance():
    def many(questions, alone):
        if 2 in questions:
            raise ZeroDivisionError
        return ["fine" if alone else "never"] * len(questions)

    answers = asked(many, [1, 2, 3])
    assert (answers[0], answers[2]) == ("fine", "fine")
    assert isinstance(answers[1], ZeroDivisionError)


def test_one_that_waits_stops_nobody_else(monkeypatch):
    """RELIABILITY F20: it is answered once what it waited for is free."""
    monkeypatch.setattr(batch, "_writer_count", lambda: 2)
    batch._writers.cache_clear()
    free = threading.Event()

    def many(questions, alone):
        if alone:
            assert free.wait(20 * FACTOR)
        return [None if question == "held" and not alone else "served" for question in questions]

    def let_go(done):
        if len(done) == 3:
            free.set()

    try:
        assert asked(many, ["held", "a", "b", "c"], let_go) == ["served"] * 4
    finally:
        batch._writers.cache_clear()
