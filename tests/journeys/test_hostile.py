"""T2, T3, T4, T11, F16 against a real server: guessing, shadowing, nonsense and silence harm nobody else."""

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from central.ocpp.catalog import SUBPROTOCOLS, VERSIONS
from tests.central.ocpp.mutations import mutations
from tests.support import messages
from tests.support.campaign import report, scaled, seeds
from tests.support.charging import SHELL
from tests.support.fleet import BOOT, Neighbour, booted, organization_make, register, unharmed
from tests.support.private_database import PrivateDatabase
from tests.support.process import ServerProcess
from tests.support.raw_socket import RawSocket, call, frame
from tests.support.tcp_proxy import TcpProxy
from tests.support.wait import FACTOR, eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(7200)]

IDS = ("NEAR", "CP", "SILENT", "OTHER", *(f"FUZZ-{version}" for version in VERSIONS))
PROTOCOLS = {version: name for name, version in SUBPROTOCOLS.items()}


class Attacked(ServerProcess):
    """A server behind a trusted proxy of its own address, and the secrets of its charge points."""

    secrets: dict[str, str]

    def is_online(self, cp_id: str) -> bool:
        """Whether the platform takes the charge point for connected."""
        return bool(
            self._rows(
                "SELECT s.charge_point_id FROM central_chargepointstatus s JOIN registry_chargepoint c"
                f" ON c.id = s.charge_point_id WHERE c.cp_id = '{cp_id}' AND s.connection_id IS NOT NULL"
            )
        )

    def timed_out(self, cp_id: str) -> bool:
        """Whether an order to the charge point ran out of time."""
        return bool(
            self._rows(
                "SELECT o.id FROM central_command o JOIN registry_chargepoint c ON c.id = o.charge_point_id"
                f" WHERE c.cp_id = '{cp_id}' AND o.state = 'timed_out'"
            )
        )

    def _rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        return PrivateDatabase(self.environment["DATABASE_URL"]).rows(query)


@pytest.fixture(scope="module")
def server():
    environment = {"OCPP_COMMAND_TIMEOUT": "2", "TRUSTED_PROXIES": "127.0.0.1"}
    with Attacked(environment=environment) as running:
        organization_make(running)
        running.secrets = register(running, IDS)
        yield running


@pytest.fixture(scope="module")
def _near(server):
    with booted(server, "NEAR", server.secrets["NEAR"]) as charger:
        yield charger


@pytest.fixture
def neighbour(_near):
    return Neighbour(_near)


def guess(server, address, number, cp_id="CP"):
    """The status of one wrong login from an address; X-Forwarded-For as a trusted proxy tells it."""
    with RawSocket(server.port) as stranger:
        try:
            stranger.knock(cp_id, f"wrong-{number}", headers=f"X-Forwarded-For: {address}\r\n")
        except ConnectionError as error:
            return int(str(error).removeprefix("HTTP ") or 0)
        return stranger.status


def test_t4_a_flood_of_guesses_locks_nobody_out(server, neighbour):
    """Failures are limited by address; the charge point itself connects meanwhile, from another address."""
    count = scaled(200, short=1000, full=10_000)
    statuses: Counter[int] = Counter()
    # What refused handshakes leave is collected from time to time: a plateau, however long the flood.
    with unharmed(server, neighbour, megabytes=150):
        for number in range(count):
            statuses[guess(server, "203.0.113.9", number)] += 1
            if number % (count // 20) == 0:
                began = time.monotonic()
                with booted(server, "CP", server.secrets["CP"]):
                    assert time.monotonic() - began < 2 * FACTOR
                neighbour.ask()
    assert statuses[101] == 0
    # Each minute a few are looked at, all others are told to wait.
    assert statuses[429] >= count * 0.95, statuses
    assert statuses[401] + statuses[429] == count
    report("T4", count, what="wrong logins from one address", statuses=dict(statuses))


def test_t2_attempts_without_the_secret_never_disturb(server, neighbour):
    count = scaled(50, short=200, full=1000)
    with booted(server, "CP", server.secrets["CP"]) as charger, unharmed(server, neighbour):
        for number in range(count):
            assert guess(server, f"198.51.100.{number % 250}", number) in {401, 429}
            if number % (count // 50) == 0:
                charger.send(call("h", "Heartbeat"))
                assert charger.answer()[:2] == [3, "h"]
    report("T2", count, what="bad handshakes for a connected id")


def test_t3_a_stale_close_takes_nothing_from_the_newer_connection(server):
    count = scaled(20, short=50, full=200)
    old = booted(server, "OTHER", server.secrets["OTHER"])
    for number in range(count):
        new = RawSocket(server.port).knock("OTHER", server.secrets["OTHER"])
        old.end()
        new.send(call(f"t{number}", "Heartbeat"))
        assert new.answer()[1] == f"t{number}"
        old = new
    eventually(lambda: server.is_online("OTHER"))
    old.end()
    report("T3", count, what="replaced while open, the older one's TCP killed")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("seed", seeds(1, short=1, full=3))
def test_t11_no_frame_stops_the_service(server, neighbour, version, seed):
    """Mutated messages and rubbish; a Heartbeat is answered after each, and memory stays as it is."""
    count = scaled(150, short=300, full=10_000)
    cp_id = f"FUZZ-{version}"
    number = 1 if version == "1.6" else "T"
    valid = [
        json.dumps([2, "m", *each])
        for each in (
            messages.boot(version),
            messages.status(version),
            messages.authorize(version, "TAG"),
            messages.meter_values(version, 100),
            messages.Transaction(version, id=number).start(5),
            messages.Transaction(version, id=number).stop(9),
        )
    ]
    with unharmed(server, neighbour, megabytes=50):
        charger = RawSocket(server.port).knock(cp_id, server.secrets[cp_id], PROTOCOLS[version])
        charger.send(call("boot", *messages.boot(version)))
        assert charger.answer()[2]["status"] == "Accepted"
        frames = list(mutations(valid, random.Random(seed), count))
        for start in range(0, count, 20):
            if start % 500 == 0:
                neighbour.ask()
            some = [text.encode("utf-8", "surrogatepass") for text in frames[start : start + 20]]
            for place, raw in enumerate(some):
                charger.send(frame(raw) + call(f"alive{start + place}", "Heartbeat"))
            for place, raw in enumerate(some):
                heard = until(charger, f"alive{start + place}")
                assert len(heard) <= 1, raw[:500]
                assert "InternalError" not in str(heard), raw[:500]
        charger.end()
    report("T11", count, what=f"mutated frames, {version}, seed {seed}")


def until(charger, marker):
    """The frames before the answer to the Heartbeat with this id."""
    heard = []
    while (answer := charger.answer())[1] != marker:
        heard.append(answer)
    return heard


class TestSilence:
    """F16: a charge point behind a link that forwards nothing costs its own orders, nobody else's."""

    def test_f16_orders_fail_at_their_time_limit_and_wait_in_a_bounded_queue(self, server, neighbour):
        with TcpProxy(server.port) as proxy, unharmed(server, neighbour):
            charger = RawSocket(proxy.port).knock("SILENT", server.secrets["SILENT"])
            charger.send(call("boot", "BootNotification", BOOT))
            assert charger.answer()[2]["status"] == "Accepted"
            proxy.freeze()
            placed = self._orders(server, 25)
            assert placed == 20
            neighbour.ask(5)
            eventually(lambda: server.timed_out("SILENT"), timeout=20)
            charger.end()
        report("F16", 1, what="orders to a charge point behind a dead link")

    @pytest.mark.campaign
    def test_f16_a_dead_link_is_shown_as_offline_within_90_seconds(self, server, neighbour):
        runs = scaled(1, short=1, full=20)
        slowest = 0.0
        for _ in range(runs):
            with TcpProxy(server.port) as proxy:
                charger = RawSocket(proxy.port).knock("SILENT", server.secrets["SILENT"])
                charger.send(call("boot", "BootNotification", BOOT))
                charger.answer()
                proxy.freeze()
                began = time.monotonic()
                while server.is_online("SILENT"):
                    assert time.monotonic() - began < 90 * FACTOR
                    neighbour.ask()
                    time.sleep(1)
                slowest = max(slowest, time.monotonic() - began)
                charger.end()
        report("F16", runs, what="dead link shown as offline", slowest_s=round(slowest))

    @staticmethod
    def _orders(server, count):
        """Place orders until refused; how many were taken."""
        code = (
            "from tests.journeys import kill_setup; from emobility.lib.errors import DomainError\n"
            "taken = 0\n"
            f"for _ in range({count}):\n"
            "    try:\n        kill_setup.order('SILENT', 3600)\n        taken += 1\n"
            "    except DomainError:\n        pass\n"
            "print('taken', taken)"
        )
        done = server.run(*SHELL, code)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.rsplit("taken", 1)[1])
