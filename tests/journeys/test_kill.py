"""kill -9 of the server: nothing acknowledged is lost, nothing is doubled when chargers say it again (F1).

The ledger is kept by the charge points, so it knows what was acknowledged and nothing else. I1: each
acknowledged start is exactly one session. I2: each ended session has exactly one CDR. I3: the energy of the
CDRs is the energy of the ledger. KILL_ROUNDS repeats the whole plan, KILL_SEED chooses other moments.
"""

import asyncio
import logging
import os
import random
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from central.ocpp.simulator.options import VERSIONS, Options
from central.ocpp.simulator.station import Station
from tests.support.ledger import Ledger
from tests.support.private_database import PrivateDatabase, private_database
from tests.support.process import ServerProcess
from tests.support.wait import FACTOR, eventually

pytestmark = [pytest.mark.integration, pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(600)]

POINTS = ("before_handler", "after_handler", "before_commit", "after_commit", "before_reply", "after_reply")
KILLED, CHARGERS = 137, 9
ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))
SEED = int(os.environ.get("KILL_SEED", "1"))
SHELL = ("manage.py", "shell", "--no-imports", "--verbosity=0", "--command")


class Mortal(ServerProcess):
    """A server that is to die; nobody waits until it answers, the charge points find out."""

    def set_crash(self, where: str) -> None:
        """Die at this point from the next start on."""
        self.environment |= {"EMOBILITY_ENV": "test", "EMOBILITY_CRASH_AT": where}

    def launch(self) -> None:
        """Start without waiting."""
        self.start(wait_for="nothing")

    def _answers(self, url: str) -> bool:
        return True if url == "nothing" else super()._answers(url)

    def shell(self, call: str) -> None:
        """Call a function of kill_setup in the server's environment."""
        done = self.run(*SHELL, f"from tests.journeys import kill_setup; kill_setup.{call}")
        assert done.returncode == 0, done.stderr


class Fleet:
    """Charge points of all versions that charge quickly, and the ledger that they keep."""

    def __init__(self, server: Mortal) -> None:
        self.ledger, self._stop = Ledger(), asyncio.Event()
        self.stations = [self._station(server, number) for number in range(CHARGERS)]
        self.tasks = [asyncio.create_task(station.run(self._stop)) for station in self.stations]

    def _station(self, server: Mortal, number: int) -> Station:
        cp_id = f"KILL-{number}"
        registered = httpx2.post(
            f"http://127.0.0.1:{server.registry_port}/cp/register",
            json={"cp_id": cp_id, "location": "Berlin"},
        )
        assert registered.status_code == 200, registered.text
        secret = registered.json()["credentials"]
        options = Options(
            cp_id=cp_id,
            central_url=f"ws://127.0.0.1:{server.port}/ocpp",
            version=VERSIONS[number % len(VERSIONS)],
            power_kw=2000.0 + 100 * number,
            id_tag=f"TAG-{number}",
            session_seconds=0.4,
            meter_interval=0.07,
            first_pause=0.0,
            pause_seconds=0.01,
            retry_minimum=0.05,
            retry_random=0.1,
            retry_doublings=1,
            attempts=1000,
            attempt_interval=0.01,
            queue_limit=8,
        )
        return Station(options, lambda: secret, on_acknowledged=self.ledger.writer(cp_id))

    async def progress(self, messages: int) -> None:
        """Wait until so many more messages are acknowledged."""
        goal = self.ledger.acknowledged + messages
        await asyncio.to_thread(eventually, lambda: self.ledger.acknowledged >= goal, 60)

    async def finish(self) -> None:
        """Let the sessions end and everything be acknowledged."""
        for station in self.stations:
            station.finish()
        async with asyncio.timeout(60 * FACTOR):
            await asyncio.gather(*self.tasks)


async def kill_again_and_again(server: Mortal, fleet: Fleet, chance: random.Random) -> None:
    """Each named point at a random pass of it, then once from outside."""
    for point in chance.sample(POINTS, len(POINTS)):
        server.set_crash(f"{point}:{chance.randint(10, 80)}")
        await asyncio.to_thread(server.stop, kill=True)
        await asyncio.to_thread(server.launch)
        assert server.process is not None
        assert await asyncio.to_thread(server.process.wait, 60 * FACTOR) == KILLED, point
    server.set_crash("")
    await asyncio.to_thread(server.launch)
    await fleet.progress(chance.randint(30, 90))


async def test_a_killed_server_loses_and_doubles_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(SEED)
    # Thousands of refused connects are what this test is about, no news.
    caplog.set_level(logging.WARNING, "central.ocpp.simulator")
    with private_database(tmp_path) as database:
        server = Mortal(("manage.py", "serve", "--embedded"), {"DATABASE_URL": database.url}, tmp_path)
        server.migrate()
        server.shell(f"seed({CHARGERS})")
        server.start()
        fleet = Fleet(server)
        try:
            for _ in range(ROUNDS):
                await fleet.progress(20)
                await kill_again_and_again(server, fleet, chance)
            await asyncio.to_thread(server.stop, kill=True)
            await asyncio.to_thread(server.launch)
            await fleet.finish()
        finally:
            await asyncio.to_thread(server.stop, kill=True)
        assert "Traceback" not in server.console(), server.console()[-3000:]
        check_sessions(database, fleet.ledger)
        check_readings(database, fleet.ledger)
        server.shell("make_cdrs()")
        check_cdrs(database, fleet.ledger)


def check_sessions(database: PrivateDatabase, ledger: Ledger) -> None:
    """I1, and each end once."""
    rows = database.rows(
        "SELECT c.cp_id, s.transaction_id, s.state, s.meter_start_wh, s.meter_stop_wh, s.provisional_end"
        " FROM central_session s JOIN registry_chargepoint c ON c.id = s.charge_point_id"
    )
    assert len(rows) == len(ledger.accounts) > CHARGERS
    found = {(cp_id, transaction_id): rest for cp_id, transaction_id, *rest in rows}
    for key, account in ledger.accounts.items():
        assert (ledger.starts[key], ledger.stops[key]) == (1, 1), key
        assert found[key] == ["ended", account.start_wh, account.stop_wh, False], key


def check_readings(database: PrivateDatabase, ledger: Ledger) -> None:
    """Each acknowledged meter value is there, and none twice."""
    rows = database.rows(
        "SELECT s.transaction_id, m.sampled_at, m.context, count(*) FROM central_metervalue m"
        " JOIN central_session s ON s.id = m.session_id GROUP BY 1, 2, 3"
    )
    stored = Counter(transaction_id for transaction_id, *_ in rows)
    for account in ledger.accounts.values():
        assert stored[account.transaction_id] >= len(set(account.sampled)), account
    assert [row for row in rows if row[3] > 1] == []


def check_cdrs(database: PrivateDatabase, ledger: Ledger) -> None:
    """I2 and I3."""
    rows = database.rows(
        "SELECT c.cp_id, s.transaction_id, count(*), sum(d.energy_wh) FROM billing_cdr d"
        " JOIN central_session s ON s.id = d.session_id"
        " JOIN registry_chargepoint c ON c.id = s.charge_point_id GROUP BY 1, 2"
    )
    assert {(row[0], row[1]): (row[2], int(row[3])) for row in rows} == {
        key: (1, account.energy_wh) for key, account in ledger.accounts.items()
    }
