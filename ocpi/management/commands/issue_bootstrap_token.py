"""Issues a bootstrap token (OCPI's token A) and prints it, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from emobility.lib.errors import DomainError
from ocpi.management.organizations import organization_named
from ocpi.selectors.identity import identity_of
from ocpi.services.bootstrap_tokens import DEFAULT_HOURS, bootstrap_token_issue


class Command(BaseCommand):
    """`manage.py issue_bootstrap_token --organization demo --label "ABC Charging"`."""

    help = "Issue a bootstrap token with which one partner may register; it is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose token, for whom, for how long."""
        parser.add_argument(
            "--organization", default="", help="short name; left out: the default organisation"
        )
        parser.add_argument("--hours", type=int, default=DEFAULT_HOURS, help="how long it can be used")
        parser.add_argument("--label", default="", help="for whom it is")
        parser.add_argument("--party", default="", help="the only party that may use it, like DE-ABC")
        parser.add_argument("--role", action="append", default=[], help="the only roles it may have")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token and print what the partner needs."""
        found = organization_named(options["organization"])
        try:
            identity = identity_of(found)
            row, token = bootstrap_token_issue(
                organization=found,
                label=options["label"],
                hours=options["hours"],
                party=options["party"],
                roles=options["role"],
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"versions URL: {identity.versions_url}")
        self.stdout.write(f"token:        {token}")
        self.stdout.write(f"good until:   {row.expires_at:%Y-%m-%d %H:%M} UTC, for one registration")
