"""F2, F3, F17, F19: the database, Redis, the disk and the server go and come back while a fleet charges."""

import asyncio
import logging
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campaign import report, scaled
from tests.support.charging import Fleet, charging
from tests.support.own_services import (
    OwnPostgres,
    OwnRedis,
    needs_own_postgres,
    needs_own_redis,
    own_folder,
)
from tests.support.private_database import PrivateDatabase, private_database
from tests.support.wait import FACTOR, eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(7200)]

RECOVERY_SECONDS = 10.0
PLAIN = ("manage.py", "serve")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Refused messages and connects are what these tests are about, no news."""
    caplog.set_level(logging.CRITICAL, "central.ocpp.simulator")


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL that may be taken away."""
    with OwnPostgres() as server:
        yield server


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    """A Redis that may be taken away."""
    with OwnRedis() as server:
        yield server


async def recovered(fleet: Fleet) -> float:
    """Seconds until every kind of charge point goes on; within RECOVERY_SECONDS."""
    began = time.monotonic()
    await fleet.progress(2 * len(fleet.stations), seconds=RECOVERY_SECONDS)
    return time.monotonic() - began


@needs_own_postgres
@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.campaign("full")), "immediate"])
async def test_f2_postgres_is_restarted_under_load(mode: str, postgres: OwnPostgres, tmp_path: Path) -> None:
    """No false acknowledgement; everything goes on within 10 s without a restart of ours."""
    runs, down = scaled(1, short=1, full=20), scaled(1, short=3, full=15)
    slowest = 0.0
    async with charging(PrivateDatabase(postgres.url), tmp_path, command=PLAIN) as (server, fleet):
        connects = fleet.connects
        for _ in range(runs):
            await fleet.progress(20)
            await asyncio.to_thread(postgres.stop, mode)
            await asyncio.sleep(down)
            await asyncio.to_thread(postgres.start)
            slowest = max(slowest, await recovered(fleet))
        assert server.process is not None
        assert server.process.poll() is None
    report(
        "F2",
        runs,
        what=f"PostgreSQL stopped ({mode}), {down} s down, under load",
        slowest_recovery_s=round(slowest, 1),
        sockets_lost=fleet.connects - connects,
        messages=fleet.ledger.acknowledged,
    )


@needs_own_redis
@pytest.mark.parametrize(
    "how",
    [
        pytest.param("kill", marks=pytest.mark.campaign("", "full")),
        pytest.param("flush", marks=pytest.mark.campaign("full")),
        pytest.param("down", marks=pytest.mark.campaign),
    ],
)
async def test_f3_redis_is_taken_away_under_load(how: str, redis: OwnRedis, tmp_path: Path) -> None:
    """No charge point loses its socket; charging and billing go on; orders are delivered all the same."""
    runs = scaled(1, short=1, full=7)
    down = scaled(1, short=3, full=60) if how == "down" else 0
    environment = {"REDIS_URL": redis.url, "CELERY_BROKER_URL": "filesystem://localhost/"}
    with private_database(tmp_path) as database:
        async with charging(database, tmp_path, environment=environment) as (server, fleet):
            await fleet.online()
            connects = fleet.connects
            for _ in range(runs):
                await fleet.progress(10)
                if how == "flush":
                    await asyncio.to_thread(redis.flush)
                else:
                    await asyncio.to_thread(redis.kill)
                number = int(await asyncio.to_thread(server.shell, "order('KILL-0')"))
                await asyncio.to_thread(eventually, lambda: left(database, number), 15)  # noqa: B023
                await asyncio.sleep(down)
                if how != "flush":
                    await asyncio.to_thread(redis.start)
                await recovered(fleet)
            assert fleet.connects == connects
    report("F3", runs, what=f"Redis: {how}", sockets_lost=0, messages=fleet.ledger.acknowledged)


def left(database: PrivateDatabase, number: int) -> bool:
    """Whether an order reached its charge point."""
    ((state,),) = database.rows(f"SELECT state FROM central_command WHERE id = {number}")
    return state not in {"queued", "sent"}


@pytest.mark.campaign
async def test_f19_a_server_is_replaced_under_load(tmp_path: Path) -> None:
    """SIGTERM: what is in flight is finished, sockets close in order, within 20 s; the fleet comes back."""
    runs, slowest = scaled(1, short=1, full=20), 0.0
    with private_database(tmp_path) as database:
        async with charging(database, tmp_path, command=PLAIN) as (server, fleet):
            for _ in range(runs):
                await fleet.progress(15)
                began = time.monotonic()
                assert await asyncio.to_thread(server.stop) == 0, server.console()[-2000:]
                slowest = max(slowest, time.monotonic() - began)
                assert slowest < 20 * FACTOR
                await asyncio.to_thread(server.start)
            await fleet.progress(15)
    report("F19", runs, what="SIGTERM under load, then a new process", slowest_end_s=round(slowest, 1))


# --- F17 ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 200 MB, where this user may mount one."""
    folder = own_folder("small-disk-")
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=0777", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def fill(disk: Path) -> None:
    """Take all the space that is left."""
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 2**20):
                pass
        except OSError:
            return


@needs_own_postgres
@pytest.mark.campaign
async def test_f17_the_databases_disk_is_full(small_disk: Path, tmp_path: Path) -> None:
    """Nothing is acknowledged without its commit, health says 503, and all goes on once there is space."""
    runs = scaled(1, short=1, full=5)
    with OwnPostgres(own_folder("postgres-", small_disk)) as postgres:
        database = PrivateDatabase(postgres.url)
        async with charging(database, tmp_path, command=PLAIN) as (server, fleet):
            for _ in range(runs):
                await fleet.progress(10)
                await asyncio.to_thread(fill, small_disk)
                await asyncio.to_thread(eventually, lambda: stuck(fleet), 60)
                (small_disk / "filler").unlink()
                if not postgres.runs:
                    # Without space for its log PostgreSQL stops; to start it again is its supervisor's work.
                    assert await asyncio.to_thread(server.healthy) == 503
                    await asyncio.to_thread(postgres.start)
                await asyncio.to_thread(eventually, lambda: server.healthy() == 200, 30)
                await recovered(fleet)
    report("F17", runs, what="the database's disk is full", messages=fleet.ledger.acknowledged)


def stuck(fleet: Fleet) -> bool:
    """Whether nothing has been acknowledged for two seconds."""
    before = fleet.ledger.acknowledged
    time.sleep(2)
    return fleet.ledger.acknowledged == before
