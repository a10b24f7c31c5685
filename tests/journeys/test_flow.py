"""T12: whoever sends too much, too large, in pieces, or reads nothing harms nobody else (raw sockets)."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.charging import SHELL
from tests.support.fleet import Neighbour, booted, register, unharmed
from tests.support.messages import stamp
from tests.support.process import ServerProcess
from tests.support.raw_socket import CONTINUATION, PING, RawSocket, call, frame

pytestmark = pytest.mark.integration

MANY = 20


class Crowd(ServerProcess):
    """A server and the secrets of its charge points."""

    secrets: dict[str, str]

    def shell(self, calls: str) -> str:
        """Call functions of kill_setup in the server's environment; what they printed."""
        done = self.run(*SHELL, f"from tests.journeys.kill_setup import *; {calls}")
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def server():
    with Crowd() as running:
        running.shell("seed(1)")
        running.secrets = register(running, ["NEAR", "CP", *[f"CP-{number}" for number in range(MANY)]])
        yield running


@pytest.fixture(scope="module")
def _near(server):
    with booted(server, "NEAR", server.secrets["NEAR"]) as charger:
        yield charger


@pytest.fixture
def neighbour(_near):
    return Neighbour(_near)


@pytest.fixture
def charger(server):
    with booted(server, "CP", server.secrets["CP"]) as made:
        yield made


def answers(charger, count):
    return [charger.answer()[1] for _ in range(count)]


class TestT12Pieces:
    """T12: frames arrive as TCP pleases; each is served once and in order."""

    def test_several_frames_in_one_segment(self, charger):
        charger.send(b"".join(call(f"c{number}", "Heartbeat") for number in range(40)))
        assert answers(charger, 40) == [f"c{number}" for number in range(40)]

    def test_a_frame_cut_anywhere(self, charger):
        whole = call("cut", "Heartbeat")
        for place in range(1, len(whole)):
            charger.send(whole[:place])
            time.sleep(0.002)
            charger.send(whole[place:])
            assert charger.answer()[1] == "cut"

    def test_byte_by_byte(self, charger):
        for byte in call("slow", "Heartbeat"):
            charger.send(bytes([byte]))
        assert charger.answer()[1] == "slow"

    def test_a_message_in_fragments_with_a_ping_between(self, charger):
        text = b'[2,"fragments","Heartbeat",{}]'
        charger.send(frame(text[:5], last=False))
        charger.send(frame(b"alive?", opcode=PING))
        charger.send(frame(text[5:9], opcode=CONTINUATION, last=False))
        assert charger.receive() == (0xA, b"alive?")
        charger.send(frame(text[9:], opcode=CONTINUATION))
        assert charger.answer()[1] == "fragments"

    @pytest.mark.parametrize("seed", range(2))
    def test_any_cut_keeps_the_order(self, charger, seed):
        """Single frames take the short way, others the long one: neither overtakes the other."""
        chance, expected, stream = random.Random(seed), [], b""
        for number in range(150):
            stream += call(f"o{number}", "Heartbeat", {})
            expected.append(f"o{number}")
        while stream:
            size = chance.choice([1, 7, 34, 34, 35, 36, 70, 500, 3000])
            charger.send(stream[:size])
            stream = stream[size:]
            if chance.random() < 0.3:
                time.sleep(0.001)
        assert answers(charger, 150) == expected


class TestT12Flow:
    """T12: reading pauses while enough waits, so memory stays bounded, and resumes by itself."""

    def test_a_flood_is_held_back_and_served_in_order(self, server, charger, neighbour):
        with unharmed(server, neighbour, megabytes=50):
            stream = b"".join(call(f"f{number}", "Heartbeat") for number in range(600))
            charger.send(stream)
            neighbour.ask(10)
            assert answers(charger, 600) == [f"f{number}" for number in range(600)]

    def test_large_frames_are_held_back_too(self, server, charger, neighbour):
        payload = {"vendorId": "V", "data": "x" * 700_000}
        with unharmed(server, neighbour):
            for number in range(12):
                charger.send(call(f"l{number}", "DataTransfer", payload))
            assert answers(charger, 12) == [f"l{number}" for number in range(12)]

    def test_a_peer_that_never_reads_is_not_read_either(self, server, neighbour):
        """100,000 frames of 1 KB and no answer taken: the server stops reading, its memory stays as it is."""
        some = call("x", "DataTransfer", {"vendorId": "V", "data": "x" * 1000}) * 100
        charger = booted(server, "CP", server.secrets["CP"], receive_buffer=4096)
        with charger, unharmed(server, neighbour):
            left, end = 1000 * len(some), time.monotonic() + 1.5
            while left > 0 and time.monotonic() < end:
                left -= charger.send_some(some)
                neighbour.ask()
        assert left > 0

    def test_unfinished_fragments_cost_what_one_message_may(self, server, neighbour):
        """Each connection may hold one message of 4 MiB at most; what is larger ends it with 1009."""
        chargers = [booted(server, f"CP-{number}", server.secrets[f"CP-{number}"]) for number in range(MANY)]
        with unharmed(server, neighbour):
            for charger in chargers:
                charger.send(frame(b'[2,"u","DataTransfer",{"vendorId":"V","data":"', last=False))
                for _ in range(3):
                    charger.send(frame(b"x" * 1_000_000, opcode=CONTINUATION, last=False))
            neighbour.ask(5)
        first, *others = chargers
        for _ in range(3):
            try:
                first.send(frame(b"x" * 1_000_000, opcode=CONTINUATION, last=False))
            except OSError:
                break
        assert first.close_code() in {1009, 0}
        for charger in others:
            charger.end()

    def test_a_day_long_stop_is_billed_and_a_larger_frame_ends_the_socket(self, server, charger):
        """3 MiB of readings in a StopTransaction are stored and billed; 8 MiB end the connection."""
        now, many = datetime.now(UTC), 3 * 2**20 // 400
        times = [stamp(now - timedelta(seconds=10 * left)) for left in range(many, 0, -1)]
        start = {"connectorId": 1, "idTag": "TAG-0", "meterStart": 0, "timestamp": times[0]}
        charger.send(call("start", "StartTransaction", start))
        number = charger.answer()[2]["transactionId"]
        stop = {"transactionId": number, "meterStop": many, "timestamp": stamp(now)}
        stop["transactionData"] = [
            {"timestamp": at, "sampledValue": [{"value": str(wh), "context": "Sample.Periodic"}] * 8}
            for wh, at in enumerate(times)
        ]
        charger.send(call("stop", "StopTransaction", stop))
        assert charger.answer()[:2] == [3, "stop"]
        assert server.shell("make_cdrs(); bill('CP')") == f"{many} Wh, 4.04, {many} readings\n"
        try:
            charger.send(call("huge", "DataTransfer", {"vendorId": "V", "data": "x" * 8 * 2**20}))
        except OSError:
            return
        assert charger.close_code() in {1009, 0}


class TestT12Handshakes:
    """T12: sockets that prove nothing keep nobody waiting."""

    def test_500_half_open_handshakes(self, server, neighbour):
        half = []
        with unharmed(server, neighbour):
            for number in range(500):
                half.append(RawSocket(server.port))
                half[-1].send(b"GET /ocpp/CP HTTP/1.1\r\nHost: localhost\r\nUpgrade: webso")
                if number % 50 == 0:
                    neighbour.ask()
            neighbour.ask(20)
            with booted(server, "CP", server.secrets["CP"]) as charger:
                charger.send(call("x", "Heartbeat"))
                assert charger.answer()[1] == "x"
        for socket in half:
            socket.end()

    def test_a_whole_site_behind_one_address_is_let_in(self, server):
        """More than the limit knock at once: they wait in turn, none is refused."""
        sockets = [RawSocket(server.port) for _ in range(MANY * 3)]
        for number, each in enumerate(sockets):
            each.knock(f"CP-{number % MANY}", server.secrets[f"CP-{number % MANY}"])
        assert {each.status for each in sockets} == {101}
        for each in sockets:
            each.end()
