"""Settings of monitoring: who may read the metrics, where processes leave theirs, where errors are sent."""

import os
from pathlib import Path

from emobility import env

METRICS_TOKEN = env.text("METRICS_TOKEN")
"""Bearer token for /metrics and /api/metrics."""
METRICS_ALLOW = env.items("METRICS_ALLOW")
"""Addresses and networks that may read them without a token."""
METRICS_DIR = Path(
    os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    or Path(env.text("VAR_DIR", str(env.BASE_DIR / "var"))) / "metrics"
)
"""Where the processes of one machine leave their counters: each scrape adds them up."""
METRICS_WORKER_PORT = env.integer("METRICS_WORKER_PORT", 0, maximum=65535)
"""Where a Celery worker answers with metrics, for installations whose workers share no disk with the web."""
STATUS_DISK_PERCENT = env.integer("STATUS_DISK_PERCENT", 5, maximum=99)
"""Below so much free space of the disk of VAR_DIR the status says so."""
SENTRY_DSN = env.text("SENTRY_DSN")
"""Where errors are sent; empty: nowhere."""
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")

env.make_folder(METRICS_DIR)
# Before anybody imports the client: it looks only then whether it is one process of several.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
