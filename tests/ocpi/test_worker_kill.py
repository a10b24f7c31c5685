"""A worker killed while it pushes (RELIABILITY F4): a process of its own, SIGKILL at named moments."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ocpi.models import Delivery, Partner
from ocpi.services.outbox import LEASE
from registry.models import Organization
from tests.ocpi.conftest import Caller, now
from tests.ocpi.pushing import backlog, partner, settle
from tests.support import partner as scripts
from tests.support.partner import Fault, ScriptedPartner

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, django
django.setup()
from ocpi.tasks import deliver
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
deliver(int(sys.argv[1]))
"""

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def database_url() -> str:
    """The database of this test, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    return f"postgres://{login}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"


class Worker:
    """A worker process that serves the partner's outbox once it is told to."""

    def __init__(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "DJANGO_SETTINGS_MODULE": "emobility.settings",
            "VAR_DIR": str(settings.VAR_DIR),
            "DATABASE_URL": database_url(),
            "OCPI_BASE_URL": settings.OCPI_BASE_URL,
            "EGRESS_ALLOW_HOSTS": "127.0.0.1",
            "EGRESS_ALLOW_HTTP": "true",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(partner().pk)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self) -> int:
        """Let it work until it ends; its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        while self.process.stdout.readline().strip() != "ready":
            assert self.process.poll() is None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        code = self.process.wait(timeout=60)
        self.process.stdin.close()
        self.process.stdout.close()
        return code


def killing(worker: Worker, *, stored: bool) -> Fault:
    """The partner's side of the moment: after or before it stored the CDR the worker dies."""

    def fault(handler: scripts.Handler, request: scripts.Recorded) -> None:
        if stored:
            handler.server.partner.store(request)
        os.kill(worker.process.pid, signal.SIGKILL)
        handler.drop()

    return fault


def test_a_killed_worker_loses_and_doubles_nothing(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F4: killed with the request under way, before and after the partner stored it: each CDR once."""
    ids = backlog(cpo, 4)
    workers = {Worker(): stored for stored in (False, True)}
    for worker, stored in workers.items():
        scripted.misbehave("POST", "cdrs", killing(worker, stored=stored))
        assert worker.run() == -signal.SIGKILL
        Partner.objects.update(draining_until=None)
    assert Delivery.objects.filter(state="waiting", uncertain=True).count() == 2
    settle(now() + LEASE)
    assert not Delivery.objects.exclude(state="delivered").exists()
    assert Counter(scripted.cdr_posts) == Counter(ids)
