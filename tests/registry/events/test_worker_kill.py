"""A worker killed between a webhook's POST and its mark: a process of its own, SIGKILL under way."""

import signal

import pytest

from registry.models import WebhookDelivery
from tests.support.process import ToldWorker

WORKER = "from registry.tasks import carry_events; carry_events(30)"

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_s_event_comes_again_with_its_id_and_in_its_place(
    endpoint, receiver, tell, clock, points
):
    """The receiver has it and answers nobody any more: the same `webhook-id` and body, then the next one."""
    for subject in ("1", "2", "3"):
        tell(subject, points[0])
    worker = ToldWorker(WORKER)

    def killed(arrived):
        if arrived.event["subject"] == "2" and worker.process.poll() is None:
            worker.kill()
            worker.process.wait(10)
            return None
        return 200

    receiver.answer = killed
    assert worker.run() == -signal.SIGKILL
    assert receiver.subjects == ["1", "2"]
    states = WebhookDelivery.objects.order_by("position").values_list("state", flat=True)
    assert list(states) == ["delivered", "waiting", "waiting"]
    row = WebhookDelivery.objects.get(event__subject="2")
    clock.now = row.next_attempt_at
    clock.go_round()
    assert receiver.subjects == ["1", "2", "2", "3"]
    first, again = receiver.requests[1:3]
    assert (first.uid, first.body) == (again.uid, again.body)
    assert list(states.all()) == ["delivered"] * 3
