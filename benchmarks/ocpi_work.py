"""One worker that pushes CDRs, measured from within; called by `manage.py shell` as `ocpi_seed` is."""

import json
import sys
import threading
import time

from django.db import connection
from django.utils.timezone import now

from benchmarks.telling import spread
from ocpi.models import Delivery, Partner, SealedCdr
from ocpi.models.delivery import DeliveryState
from ocpi.tasks import deliver

EVERY_SECONDS = 0.25


def drain(partner_id: int, count: int) -> None:
    """A backlog of `count` CDRs until the partner has them all; prints `seconds` and what is left."""
    _wait_for(partner_id, count)
    began, used = time.monotonic(), time.process_time()
    while Delivery.objects.filter(partner_id=partner_id, state=DeliveryState.WAITING).exists():
        deliver(partner_id)
    figures = {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - used}
    figures["left"] = Delivery.objects.filter(partner_id=partner_id).exclude(state="delivered").count()
    sys.stdout.write(json.dumps(figures))


def beside(good_id: int, others: list[int], backlog: int, seconds: float) -> None:
    """News for one partner every quarter of a second, while `others` have a backlog of their own.

    Prints in milliseconds how long it took from the outbox to the partner.
    """
    Partner.objects.update(draining_until=None)
    for other in others:
        _wait_for(other, backlog)
    over = threading.Event()
    thread = threading.Thread(target=_news, args=(good_id, seconds, over))
    thread.start()
    while not over.is_set():
        deliver()
        time.sleep(0.05)
    thread.join()
    while Delivery.objects.filter(partner_id=good_id, state=DeliveryState.WAITING).exists():
        deliver(good_id)
    rows = Delivery.objects.filter(partner_id=good_id).values_list("created_at", "delivered_at")
    told = spread([(end - begin).total_seconds() for begin, end in rows if end])
    sys.stdout.write(json.dumps(told))


def _news(partner_id: int, seconds: float, over: threading.Event) -> None:
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        _wait_for(partner_id, 1, number)
        number += 1
        time.sleep(EVERY_SECONDS)
    connection.close()
    over.set()


def _wait_for(partner_id: int, count: int, first: int = 0) -> None:
    """So many of the CDRs wait for a partner from now on."""
    rows = SealedCdr.objects.order_by("pk").values_list("cdr_id", "last_updated", "cdr__cdr_id")
    moment = now()
    Delivery.objects.bulk_create(
        [
            Delivery(
                partner_id=partner_id,
                module="cdrs",
                object_id=name,
                source_id=cdr_id,
                source_at=at,
                next_attempt_at=moment,
                created_at=moment,
            )
            for cdr_id, at, name in rows[first : first + count]
        ],
        batch_size=2000,
    )
