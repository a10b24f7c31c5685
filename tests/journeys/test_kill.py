"""F1: kill -9 of the server: nothing acknowledged is lost, nothing is doubled when chargers say it again."""

import asyncio
import logging
import random
from pathlib import Path

import pytest

from emobility.lib.crash import POINTS
from tests.support.campaign import SEED, report, scaled
from tests.support.charging import Fleet, Mortal, charging
from tests.support.private_database import private_database
from tests.support.wait import FACTOR

pytestmark = [pytest.mark.integration, pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(7200)]

KILLED, CHARGERS = 137, 9
ROUNDS, NAMED = scaled(1, short=1, full=10), scaled(10, short=2, full=10)
OUTSIDE = scaled(1, short=1, full=5)
"""Kills from outside at any moment, in each round."""


async def kill_at_each_point(server: Mortal, chance: random.Random) -> None:
    """Named points, each at a random pass of it: every server but the last is born to die."""
    await asyncio.to_thread(server.stop, kill=True)
    for point in chance.sample(POINTS, NAMED):
        server.set_crash(f"{point}:{chance.randint(10, 80)}")
        await asyncio.to_thread(server.launch)
        assert server.process is not None
        assert await asyncio.to_thread(server.process.wait, 60 * FACTOR) == KILLED, point
    server.set_crash("")
    await asyncio.to_thread(server.launch)


async def kill_at_any_moment(server: Mortal, fleet: Fleet, chance: random.Random) -> None:
    """Once from outside."""
    await fleet.progress(chance.randint(10, 90))
    await asyncio.sleep(chance.random() / 10)
    await asyncio.to_thread(server.stop, kill=True)
    await asyncio.to_thread(server.launch)


async def test_f1_a_killed_server_loses_and_doubles_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(SEED)
    # Thousands of refused connects are what this test is about, no news.
    caplog.set_level(logging.WARNING, "central.ocpp.simulator")
    with private_database(tmp_path) as database:
        async with charging(database, tmp_path, chargers=CHARGERS) as (server, fleet):
            for _ in range(ROUNDS):
                await kill_at_each_point(server, chance)
                for _ in range(OUTSIDE):
                    await kill_at_any_moment(server, fleet, chance)
    named = ROUNDS * NAMED
    report(
        "F1",
        named + ROUNDS * OUTSIDE,
        what=f"kill -9: {named} at named points, {ROUNDS * OUTSIDE} at any moment",
        sessions=len(fleet.ledger.accounts),
        messages=fleet.ledger.acknowledged,
    )
