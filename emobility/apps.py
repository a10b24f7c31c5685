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
        """Join each room's `SCHEDULE` (tasks.py) into the beat schedule; answer what several rooms know."""
        from importlib import import_module

        from django.conf import settings

        from central.ports import ports
        from emobility.errors_elsewhere import sentry_start
        from emobility.lib.postgres import connections_checked_seldom, times_read_quickly
        from emobility.session_documents import session_documents

        ports.session_documents = session_documents
        schedule: dict[str, object] = {}
        for room in ROOMS:
            if find_spec(f"{room}.tasks"):
                schedule |= getattr(import_module(f"{room}.tasks"), "SCHEDULE", {})
            if find_spec(f"{room}.selectors.metrics"):
                import_module(f"{room}.selectors.metrics")
        celery_app.conf.beat_schedule = schedule
        sentry_start(settings.SENTRY_DSN)
        times_read_quickly()
        connections_checked_seldom()
