"""App configuration of the composition root: it holds commands that span all rooms and has no tables."""

from importlib.util import find_spec

from django.apps import AppConfig

from emobility.celery import app as celery_app

ROOMS = ("registry", "central", "billing", "ocpi")


class EmobilityConfig(AppConfig):
    """Makes `manage.py serve`, `up` and `seed_demo` known to Django and collects the periodic sweeps."""

    name = "emobility"
    verbose_name = "E-Mobility Platform"

    def ready(self) -> None:
        """Join each room's `SCHEDULE` (tasks.py) into the beat schedule."""
        from importlib import import_module

        schedule: dict[str, object] = {}
        for room in ROOMS:
            if find_spec(f"{room}.tasks"):
                schedule |= getattr(import_module(f"{room}.tasks"), "SCHEDULE", {})
        celery_app.conf.beat_schedule = schedule
