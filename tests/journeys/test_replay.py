"""F7 and F20 at a real server: a day of history at once, and somebody who holds a row for seconds."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.support.campaign import SCALE, report, scaled
from tests.support.charge_point import ChargePoint
from tests.support.charging import Mortal, prepare
from tests.support.fleet import Neighbour, booted, register
from tests.support.ledger import Ledger
from tests.support.messages import Transaction, boot, status
from tests.support.own_services import OwnPostgres, needs_own_postgres
from tests.support.private_database import PrivateDatabase, private_database
from tests.support.raw_socket import call
from tests.support.wait import FACTOR

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(7200)]

SESSIONS, HOURS = 12, 2
READINGS = scaled(20, short=40, full=720)
"""Of each session; 12 sessions of 720 are the 8,640 that a day at ten seconds has."""
CHARGERS = scaled(2, short=3, full=100)


async def replay(url: str, cp_id: str, secret: str, number: int, ledger: Ledger) -> int:
    """Say a day's sessions one message after the other, as a charge point does that was offline."""
    charger = await ChargePoint.connect(url, cp_id, secret, "1.6")
    write, said = ledger.writer(cp_id), 0

    async def say(action: str, payload: dict[str, object]) -> dict[str, object]:
        nonlocal said
        answer = await charger.call(action, payload, within=60)
        said += 1
        if action != "BootNotification":
            write(action, payload, answer)
        return answer

    await say(*boot("1.6"))
    day = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    for session in range(SESSIONS):
        start, base = day + timedelta(hours=HOURS * session), 10_000 * session
        transaction = Transaction("1.6", f"TAG-{number % 5}")
        transaction.started(await say(*transaction.start(base, start)))
        for step in range(1, READINGS + 1):
            at = start + timedelta(seconds=step * 3600 / READINGS)
            await say(*transaction.meter(base + 9000 * step // READINGS, at))
        await say(*transaction.stop(base + 9000 + number, start + timedelta(minutes=61)))
    assert charger.calls == []
    await charger.close()
    return said


async def test_f7_a_day_offline_is_history_like_news(tmp_path: Path) -> None:
    """Nothing is refused or cut for coming fast, nothing is ordered because of it."""
    with private_database(tmp_path) as database:
        server = Mortal(("manage.py", "serve"), {"DATABASE_URL": database.url}, tmp_path)
        await asyncio.to_thread(prepare, server, 5)
        try:
            ids = [f"OFF-{number}" for number in range(CHARGERS)]
            secrets = await asyncio.to_thread(register, server, [*ids, "NEAR"])
            url, ledger, began = f"ws://127.0.0.1:{server.port}/ocpp", Ledger(), time.monotonic()
            said = await asyncio.gather(
                *(replay(url, cp_id, secrets[cp_id], number, ledger) for number, cp_id in enumerate(ids))
            )
            seconds = time.monotonic() - began
            assert "Traceback" not in server.console()
        finally:
            await asyncio.to_thread(server.stop, kill=True)
        check(database, ledger)
    report(
        "F7", sum(said), what=f"messages of {CHARGERS} offline days", per_second=round(sum(said) / seconds)
    )


def check(database: PrivateDatabase, ledger: Ledger) -> None:
    """Each session with the charger's energy, none for a person, all readings there."""
    rows = database.rows(
        "SELECT c.cp_id, s.transaction_id, s.state, s.energy_wh, s.needs_review FROM central_session s"
        " JOIN registry_chargepoint c ON c.id = s.charge_point_id"
    )
    assert {(row[0], row[1]): (row[2], row[3], bool(row[4])) for row in rows} == {
        key: ("ended", account.energy_wh, False) for key, account in ledger.accounts.items()
    }
    assert len(rows) == SESSIONS * CHARGERS
    ((values,),) = database.rows("SELECT count(*) FROM central_metervalue")
    assert values == SESSIONS * CHARGERS * READINGS
    assert database.rows("SELECT id FROM central_command") == []


@needs_own_postgres
@pytest.mark.campaign
def test_f20_a_held_row_stops_one_charge_point_only(tmp_path: Path) -> None:
    """Somebody holds rows of one charge point for five seconds: all others are answered within two."""
    runs, held_seconds = scaled(1, short=1, full=10), 5 if SCALE == "full" else 2
    with OwnPostgres() as postgres:
        server = Mortal(("manage.py", "serve"), {"DATABASE_URL": postgres.url}, tmp_path)
        prepare(server, 1)
        try:
            secrets = register(server, ["HELD", "NEAR"])
            with (
                booted(server, "HELD", secrets["HELD"]) as held,
                booted(server, "NEAR", secrets["NEAR"]) as near,
            ):
                neighbour = Neighbour(near)
                hold_again_and_again(postgres, held, neighbour, runs, held_seconds)
            assert max(neighbour.took) < 2 * FACTOR
            assert "Traceback" not in server.console()
        finally:
            server.stop(kill=True)
    report(
        "F20", runs, what=f"a row held for {held_seconds} s", slowest_other_s=round(max(neighbour.took), 2)
    )


def hold_again_and_again(postgres, held, neighbour, runs, seconds):
    """Lock a charge point's connector while it reports it; the neighbour asks meanwhile."""
    from_here = call_of(status("1.6", 1, "Available"), "made")
    held.send(from_here)
    assert held.answer()[:2] == [3, "made"]
    for number in range(runs):
        with psycopg.connect(postgres.url) as other:
            other.execute("SELECT * FROM central_connector FOR UPDATE")
            held.send(call_of(status("1.6", 1, ("Preparing", "Available")[number % 2]), f"h{number}"))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                neighbour.ask()
        assert held.answer()[1] == f"h{number}"


def call_of(message, message_id):
    """A frame of a charge point's message."""
    return call(message_id, *message)
