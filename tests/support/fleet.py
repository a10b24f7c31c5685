"""Charge points of one server process: registered in bulk, and what the server costs meanwhile."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import psutil

from tests.support.process import ServerProcess
from tests.support.raw_socket import RawSocket, call

SEED = "from registry.models import Organization as O; O.objects.create(name='A', slug='a', is_default=True)"
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


def organization_make(server: ServerProcess) -> None:
    """The organisation that anonymous enrolment in development belongs to."""
    server.run("manage.py", "shell", "--no-imports", "--command", SEED).check_returncode()


def register(server: ServerProcess, cp_ids: Sequence[str]) -> dict[str, str]:
    """Register charge points through the Registry; the secret of each."""
    url = f"http://127.0.0.1:{server.registry_port}/cp/register"
    secrets = {}
    with httpx2.Client() as client:
        for cp_id in cp_ids:
            answer = client.post(url, json={"cp_id": cp_id, "location": "Berlin"})
            assert answer.status_code == 200, answer.text
            secrets[cp_id] = answer.json()["credentials"]
    return secrets


def booted(server: ServerProcess, cp_id: str, secret: str, **options: int) -> RawSocket:
    """A connected charge point whose boot was accepted (1.6)."""
    charger = RawSocket(server.port, **options).knock(cp_id, secret)
    charger.send(call("boot", "BootNotification", BOOT))
    assert charger.answer()[2]["status"] == "Accepted"
    return charger


def memory(server: ServerProcess) -> int:
    """Resident bytes of the server process."""
    assert server.process is not None
    return int(psutil.Process(server.process.pid).memory_info().rss)


@dataclass
class Neighbour:
    """A charge point that asks for the time again and again; the seconds that each answer took."""

    charger: RawSocket
    took: list[float] = field(default_factory=list)

    def ask(self, times: int = 1) -> None:
        """Heartbeats, one after the other."""
        for _ in range(times):
            started = time.perf_counter()
            self.charger.send(call(f"n{len(self.took)}", "Heartbeat"))
            assert self.charger.answer()[0] == 3
            self.took.append(time.perf_counter() - started)


@contextmanager
def unharmed(server: ServerProcess, neighbour: Neighbour, *, megabytes: int = 100) -> Iterator[None]:
    """What happens inside costs the server at most so much memory, and the neighbour less than a second."""
    before = memory(server)
    first = len(neighbour.took)
    yield
    neighbour.ask(5)
    grown = (memory(server) - before) / 2**20
    assert grown < megabytes, f"{grown:.0f} MiB more"
    assert max(neighbour.took[first:]) < 1.0, sorted(neighbour.took[first:])[-5:]
    assert "Traceback" not in server.console(), server.console()[-3000:]
