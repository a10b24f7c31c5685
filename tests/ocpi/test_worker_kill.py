"""A worker killed while it pushes (RELIABILITY F4): a process of its own, SIGKILL at named moments."""

import signal
from collections import Counter

import pytest
from django.conf import settings

from ocpi.models import Delivery, Partner
from ocpi.services.outbox import LEASE
from registry.models import Organization
from tests.ocpi.conftest import Caller, now
from tests.ocpi.pushing import backlog, partner, settle
from tests.support import partner as scripts
from tests.support.campaign import report, scaled
from tests.support.partner import Fault, ScriptedPartner
from tests.support.process import ToldWorker

WORKER = "from ocpi.tasks import deliver; deliver(int(sys.argv[1]))"
DIES = "import os; import ocpi.services.push as push; die = lambda: os.kill(os.getpid(), 9);"
BEFORE = f"{DIES} push.PUSHERS['cdrs'] = lambda *_: die(); {WORKER}"
MARKED = f"{DIES} done = push.delivery_done; push.delivery_done = lambda **k: (done(**k), die()); {WORKER}"
ROUNDS = scaled(1, short=1, full=15)

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(3600)]


def _worker(code: str) -> ToldWorker:
    return ToldWorker(code, partner().pk, OCPI_BASE_URL=settings.OCPI_BASE_URL)


def killing(worker: ToldWorker, *, stored: bool) -> Fault:
    """The partner's side of the moment: after or before it stored the CDR the worker dies."""

    def fault(handler: scripts.Handler, request: scripts.Recorded) -> None:
        if stored:
            handler.server.partner.store(request)
        worker.kill()
        handler.drop()

    return fault


def test_f4_a_killed_worker_loses_and_doubles_nothing(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F4: killed before the POST, in it before and after the partner stored it, after the mark: each once."""
    ids: list[str] = []
    for _ in range(ROUNDS):
        ids += backlog(cpo, 5)
        codes = {BEFORE: None, WORKER: False, f"{WORKER} ": True, MARKED: None}
        for worker, stored in [(_worker(code), stored) for code, stored in codes.items()]:
            if stored is not None:
                scripted.misbehave("POST", "cdrs", killing(worker, stored=stored))
            assert worker.run() == -signal.SIGKILL
            Partner.objects.update(draining_until=None)
        assert Delivery.objects.filter(state="waiting", uncertain=True).count() == 3
        settle(now() + LEASE)
        assert not Delivery.objects.exclude(state="delivered").exists()
        Partner.objects.update(failures=0, paused_until=None)
    assert Counter(scripted.cdr_posts) == Counter(ids)
    report("F4", 4 * ROUNDS, what="kills of a worker that pushes", cdrs=len(ids))
