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
from tests.support.partner import Fault, ScriptedPartner
from tests.support.process import ToldWorker

WORKER = "from ocpi.tasks import deliver; deliver(int(sys.argv[1]))"

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def _worker() -> ToldWorker:
    return ToldWorker(WORKER, partner().pk, OCPI_BASE_URL=settings.OCPI_BASE_URL)


def killing(worker: ToldWorker, *, stored: bool) -> Fault:
    """The partner's side of the moment: after or before it stored the CDR the worker dies."""

    def fault(handler: scripts.Handler, request: scripts.Recorded) -> None:
        if stored:
            handler.server.partner.store(request)
        worker.kill()
        handler.drop()

    return fault


def test_a_killed_worker_loses_and_doubles_nothing(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F4: killed with the request under way, before and after the partner stored it: each CDR once."""
    ids = backlog(cpo, 4)
    workers = {_worker(): stored for stored in (False, True)}
    for worker, stored in workers.items():
        scripted.misbehave("POST", "cdrs", killing(worker, stored=stored))
        assert worker.run() == -signal.SIGKILL
        Partner.objects.update(draining_until=None)
    assert Delivery.objects.filter(state="waiting", uncertain=True).count() == 2
    settle(now() + LEASE)
    assert not Delivery.objects.exclude(state="delivered").exists()
    assert Counter(scripted.cdr_posts) == Counter(ids)
