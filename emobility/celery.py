"""The Celery application: workers poke, rows are the truth; periodic sweeps find what a lost bell missed."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES
from prometheus_client import start_http_server

from emobility.lib.metrics import counted_by_all

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
TRANSPORT_ALIASES["filesystem"] = "emobility.embedded_broker:Transport"

app = Celery("emobility")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def tell_metrics(sender: Any, **_: Any) -> None:
    """Let a worker that shares no disk with the web processes be scraped by itself."""
    if settings.METRICS_WORKER_PORT:
        start_http_server(settings.METRICS_WORKER_PORT, settings.HOST, counted_by_all())


@worker_init.connect
def use_plain_connections(sender: Any, **_: Any) -> None:
    """Let a forking worker work without a database pool.

    Celery closes the pool of such a process after each task, and the bell's thread may be using it just then.
    Workers as threads (the embedded one) keep the pool that they share with the server.
    """
    pool_of_tasks = sender.pool_cls
    name = pool_of_tasks if isinstance(pool_of_tasks, str) else pool_of_tasks.__module__
    if "prefork" in name:
        for database in settings.DATABASES.values():
            options: Any = database.get("OPTIONS", {})
            options.pop("pool", None)
