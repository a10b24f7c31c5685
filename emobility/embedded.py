"""Worker and scheduler as threads of the serving process: for laptops and the first five minutes."""

import threading
from typing import Any

import structlog
from celery.beat import Scheduler, Service
from django.conf import settings

from emobility.celery import app
from registry.services.event_rounds import rounds_end, rounds_start

log = structlog.get_logger(__name__)

RESTART_SECONDS = 1.0


class Embedded:
    """Both threads, on `filesystem://` or whatever broker is set; a worker that fell is replaced."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._worker: Any = None
        self._scheduler = Service(app, scheduler_cls=Scheduler, max_interval=5)

    def start(self) -> None:
        """Begin both."""
        rounds_start()
        for name, run in (("worker", self._work), ("scheduler", self._scheduler.start)):
            threading.Thread(target=run, name=f"embedded-{name}", daemon=True).start()
        log.info("embedded.started", broker=settings.CELERY_BROKER_URL)

    def stop(self) -> None:
        """End both; a task under way is finished first."""
        self._ending.set()
        rounds_end()
        self._scheduler.stop()
        if self._worker is not None:
            self._worker.stop()

    def _work(self) -> None:
        while not self._ending.is_set():
            self._worker = app.WorkController(
                hostname="embedded@localhost",
                pool_cls="threads",
                concurrency=4,
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
                loglevel="WARNING",
            )
            self._worker.start()
            if not self._ending.wait(RESTART_SECONDS):
                log.error("embedded.worker_replaced")
