"""Forgets bootstrap tokens that ended unused."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ocpi.management.organizations import organization_named
from ocpi.services.bootstrap_tokens import bootstrap_tokens_clean


class Command(BaseCommand):
    """`manage.py clean_bootstrap_tokens --days 0`."""

    help = "Delete bootstrap tokens that expired or were revoked unused; used ones stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and how long they are kept."""
        parser.add_argument("--organization", default=None, help="short name; left out: all organisations")
        parser.add_argument("--days", type=int, default=30, help="kept so long after their end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them, say how many."""
        slug = options["organization"]
        count = bootstrap_tokens_clean(
            organization=None if slug is None else organization_named(slug),
            kept=timedelta(days=options["days"]),
            now=timezone.now(),
        )
        self.stdout.write(f"deleted: {count}")
