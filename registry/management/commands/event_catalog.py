"""`manage.py event_catalog`: the catalogue of events as the section of docs/events.md."""

from typing import Any

from django.core.management.base import BaseCommand

from registry.catalog.markdown import catalog_text


class Command(BaseCommand):
    """Print the generated part of docs/events.md."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(catalog_text())
