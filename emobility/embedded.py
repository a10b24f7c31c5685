"""Worker and scheduler as threads of the serving process: for laptops and the first five minutes."""

import threading
from pathlib import Path

import structlog
from celery.beat import Scheduler, Service
from django.conf import settings

from emobility.celery import app

log = structlog.get_logger(__name__)


def start_worker_and_scheduler() -> None:
    """Start both on the `filesystem://` broker (or whatever broker is set); they end with the process."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for key in ("data_folder_in", "control_folder"):
        if key in options:
            Path(str(options[key])).mkdir(parents=True, exist_ok=True)
    worker = app.WorkController(
        hostname="embedded@localhost",
        pool_cls="threads",
        concurrency=2,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
    )
    scheduler = Service(app, scheduler_cls=Scheduler, max_interval=5)
    for name, run in (("worker", worker.start), ("scheduler", scheduler.start)):
        threading.Thread(target=run, name=f"embedded-{name}", daemon=True).start()
    log.info("embedded.started", broker=settings.CELERY_BROKER_URL)
