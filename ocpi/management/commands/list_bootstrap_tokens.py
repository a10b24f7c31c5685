"""Lists bootstrap tokens with what became of them; the tokens themselves are kept nowhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ocpi.management.organizations import organization_named
from ocpi.models import BootstrapToken
from ocpi.models.bootstrap_token import TokenState


class Command(BaseCommand):
    """`manage.py list_bootstrap_tokens --state good`."""

    help = "List bootstrap tokens: id, state, until when, for whom, used by whom."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and in which state."""
        parser.add_argument(
            "--organization", default="", help="short name; left out: the default organisation"
        )
        parser.add_argument("--state", default="", choices=["", *TokenState.values], help="only these")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line each, newest first."""
        now = timezone.now()
        rows = BootstrapToken.objects.filter(organization=organization_named(options["organization"]))
        if options["state"]:
            rows = rows.in_state(options["state"], now)
        for row in rows.select_related("used_by").order_by("-id"):
            until = f"{row.expires_at:%Y-%m-%d %H:%M}"
            by = f"used by {row.used_by}" if row.used_by else ""
            words = (str(row.pk), row.state_at(now).value, until, row.party, row.label, by)
            self.stdout.write("  ".join(word for word in words if word))
