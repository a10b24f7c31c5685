"""A server that is to suffer, a fleet that charges quickly and keeps the ledger, and the judge of both.

The ledger is kept by the charge points: it knows what was acknowledged and nothing else. I1: each
acknowledged start is exactly one session. I2: each ended session has exactly one CDR. I3: the energy of the
CDRs is the energy of the ledger. I4: their money is the price of that energy.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import httpx2

from central.ocpp.simulator.options import VERSIONS, Options
from central.ocpp.simulator.station import Station
from tests.journeys.kill_setup import FLAT, PER_KWH
from tests.support.ledger import Ledger
from tests.support.private_database import PrivateDatabase
from tests.support.process import ServerProcess
from tests.support.wait import FACTOR, eventually

SHELL = ("manage.py", "shell", "--no-imports", "--verbosity=0", "--command")
EMBEDDED = ("manage.py", "serve", "--embedded")


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

    def shell(self, call: str) -> str:
        """Call a function of kill_setup in the server's environment; what it printed."""
        done = self.run(*SHELL, f"from tests.journeys import kill_setup; kill_setup.{call}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def healthy(self) -> int:
        """The status of the health check; 0 where nobody answers."""
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/api/health", timeout=10).status_code
        except httpx2.HTTPError:
            return 0


class Fleet:
    """Charge points of all versions that charge quickly, and the ledger that they keep."""

    def __init__(self, server: Mortal, chargers: int) -> None:
        self.ledger, self._stop, self.connects = Ledger(), asyncio.Event(), 0
        self.stations = [self._station(server, number) for number in range(chargers)]
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
            answer_timeout=20.0,
            retry_minimum=0.05,
            retry_random=0.1,
            retry_doublings=1,
            attempts=100_000,
            attempt_interval=0.01,
            queue_limit=8,
        )
        return self._counted(Station(options, lambda: secret, on_acknowledged=self.ledger.writer(cp_id)))

    def _counted(self, station: Station) -> Station:
        connect = station.connection._connect

        def counting() -> Any:
            self.connects += 1
            return connect()

        station.connection._connect = counting  # type: ignore[method-assign]
        return station

    async def online(self) -> None:
        """Wait until all are connected."""
        async with asyncio.timeout(60 * FACTOR):
            for station in self.stations:
                await station.connection.online.wait()

    async def progress(self, messages: int, seconds: float = 60) -> None:
        """Wait until so many more messages are acknowledged."""
        goal = self.ledger.acknowledged + messages
        await asyncio.to_thread(eventually, lambda: self.ledger.acknowledged >= goal, seconds)

    async def finish(self) -> None:
        """Let the sessions end and everything be acknowledged."""
        for station in self.stations:
            station.finish()
        async with asyncio.timeout(90 * FACTOR):
            await asyncio.gather(*self.tasks)


def prepare(server: Mortal, chargers: int) -> None:
    """Migrate, seed, start."""
    server.migrate()
    server.shell(f"seed({chargers})")
    server.start()


@asynccontextmanager
async def charging(
    database: PrivateDatabase,
    folder: Path,
    *,
    chargers: int = 6,
    environment: dict[str, str] | None = None,
    command: tuple[str, ...] = EMBEDDED,
) -> AsyncIterator[tuple[Mortal, Fleet]]:
    """A fleet that charges at a server while the body does its worst; afterwards everything must add up."""
    server = Mortal(command, {"DATABASE_URL": database.url} | (environment or {}), folder)
    await asyncio.to_thread(prepare, server, chargers)
    fleet = Fleet(server, chargers)
    try:
        await fleet.progress(2 * chargers)
        yield server, fleet
        await fleet.finish()
    finally:
        for task in fleet.tasks:
            task.cancel()
        await asyncio.to_thread(server.stop, kill=True)
    await asyncio.to_thread(judge, server, database, fleet.ledger)


def judge(server: Mortal, database: PrivateDatabase, ledger: Ledger) -> None:
    """I1 to I4, and no word of an unexpected error."""
    assert "Traceback" not in server.console(), server.console()[-3000:]
    check_sessions(database, ledger)
    check_readings(database, ledger)
    server.shell("make_cdrs()")
    check_cdrs(database, ledger)


def check_sessions(database: PrivateDatabase, ledger: Ledger) -> None:
    """I1, and each end once."""
    rows = database.rows(
        "SELECT c.cp_id, s.transaction_id, s.state, s.meter_start_wh, s.meter_stop_wh, s.provisional_end"
        " FROM central_session s JOIN registry_chargepoint c ON c.id = s.charge_point_id"
    )
    assert len(rows) == len(ledger.accounts)
    found = {(cp_id, transaction_id): rest for cp_id, transaction_id, *rest in rows}
    for key, account in ledger.accounts.items():
        heard = (ledger.starts[key], ledger.stops[key])
        assert heard == (1, 1), (heard, account)
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
    """I2, I3 and I4."""
    rows = database.rows(
        "SELECT c.cp_id, s.transaction_id, count(*), sum(d.energy_wh), sum(d.total_cost_excl)"
        " FROM billing_cdr d JOIN central_session s ON s.id = d.session_id"
        " JOIN registry_chargepoint c ON c.id = s.charge_point_id GROUP BY 1, 2"
    )
    assert {(row[0], row[1]): (row[2], int(row[3]), price(Decimal(str(row[4])))) for row in rows} == {
        key: (1, account.energy_wh, price(FLAT + PER_KWH * account.energy_wh / 1000))
        for key, account in ledger.accounts.items()
    }


def price(amount: Decimal) -> Decimal:
    """An amount with OCPI's four decimals."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
