"""F13: the server's own clock is set while charge points charge."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.charging import SHELL
from tests.support.fleet import booted, register
from tests.support.messages import stamp
from tests.support.process import ServerProcess
from tests.support.raw_socket import RawSocket, call
from tests.support.stepped_clock import SteppedClock, needs_faketime

pytestmark = [pytest.mark.integration, needs_faketime]


def setup(server: ServerProcess, calls: str) -> str:
    done = server.run(*SHELL, f"from tests.journeys.kill_setup import *; {calls}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(charger: RawSocket, number: str) -> datetime:
    """The server's time as a charge point hears it."""
    charger.send(call(number, "Heartbeat"))
    return datetime.fromisoformat(charger.answer()[2]["currentTime"])


def test_f13_a_step_of_the_servers_clock_ends_no_socket_and_changes_no_bill(tmp_path):
    """Two hours back, then a day ahead: the charger's times and registers make the bill, the skew is kept."""
    clock = SteppedClock(tmp_path)
    with ServerProcess(environment=clock.environment, folder=tmp_path) as server:
        setup(server, "seed(1)")
        secret = register(server, ["CP"])["CP"]
        with booted(server, "CP", secret) as charger:
            begin = datetime.now(UTC).replace(microsecond=0)
            start = {"connectorId": 1, "idTag": "TAG-0", "meterStart": 500, "timestamp": stamp(begin)}
            charger.send(call("start", "StartTransaction", start))
            number = charger.answer()[2]["transactionId"]
            for step, offset in (("-2h", timedelta(hours=-2)), ("+1d", timedelta(days=1))):
                clock.step(step)
                assert abs(told(charger, step) - datetime.now(UTC) - offset) < timedelta(seconds=2)
                reading = {"timestamp": stamp(begin), "sampledValue": [{"value": "700"}]}
                meter = {"connectorId": 1, "transactionId": number, "meterValue": [reading]}
                charger.send(call(f"meter{step}", "MeterValues", meter))
                assert charger.answer() == [3, f"meter{step}", {}]
            end = begin + timedelta(seconds=1)
            stop = {"transactionId": number, "meterStop": 1500, "timestamp": stamp(end)}
            charger.send(call("stop", "StopTransaction", stop))
            assert charger.answer()[:2] == [3, "stop"]
        assert "Traceback" not in server.console()
        assert setup(server, "make_cdrs(); bill('CP'); times('CP')") == (
            f"1000 Wh, 0.95, 1 readings\n{stamp(begin)} {stamp(end)} clock_skew\n"
        )
