"""The gate before the check of credentials: turns by address, bounded, nobody forgotten (T12)."""

import asyncio

import pytest

from central.consumers import gate as module
from central.consumers.gate import Crowd, Gate


async def test_an_address_has_some_places_and_the_rest_waits_in_turn():
    gate, inside, most = Gate(), 0, 0
    order: list[int] = []

    async def knock(number):
        nonlocal inside, most
        async with gate.passing("a", 3):
            inside, order[:] = inside + 1, [*order, number]
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(knock(number) for number in range(50)))
    assert (most, order) == (3, list(range(50)))
    assert gate._inside == gate._waiting == {}


async def test_another_address_does_not_wait():
    gate = Gate()
    async with gate.passing("a", 1), asyncio.timeout(5), gate.passing("b", 1):
        pass


async def test_who_went_away_while_waiting_takes_no_place():
    gate, entered = Gate(), asyncio.Event()

    async def knock():
        async with gate.passing("a", 1):
            entered.set()

    async with gate.passing("a", 1):
        first, second = asyncio.create_task(knock()), asyncio.create_task(knock())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
    async with asyncio.timeout(5):
        await second
    assert gate._inside == gate._waiting == {}


async def test_a_crowd_is_refused(monkeypatch):
    monkeypatch.setattr(module, "WAITING_PER_ADDRESS", 2)
    gate = Gate()

    async def knock():
        async with gate.passing("a", 1):
            await asyncio.sleep(60)

    waiting = [asyncio.create_task(knock()) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Crowd):
        await gate._enter("a", 1)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert gate._inside == gate._waiting == {}
