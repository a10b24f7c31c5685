"""`manage.py run_monitor`: watches one charge point; settings `CP_MONITOR_*` (docs/charge-points.md)."""

import logging
import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from central.monitor.config import ConfigError, config_from
from central.monitor.credentials import CredentialsUnreadable
from central.monitor.monitor import GaveUp, Monitor


class Command(BaseCommand):
    """Run until SIGTERM or Ctrl-C."""

    help = "Registers a charge point with Registry and Central, checks its engine, reports faults."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the settings and go; what cannot work ends in one line."""
        try:
            config = config_from(os.environ, settings.VAR_DIR / "charge-points")
            logging.getLogger("central.monitor").setLevel(config.log_level)
            Monitor(config, stop_on_signal(), now).run()
        except (ConfigError, CredentialsUnreadable, GaveUp) as error:
            raise CommandError(str(error)) from error


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop
