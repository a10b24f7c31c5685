"""Ends a bootstrap token that nobody used."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from emobility.lib.errors import DomainError
from ocpi.models import BootstrapToken
from ocpi.services.bootstrap_tokens import bootstrap_token_revoke


class Command(BaseCommand):
    """`manage.py revoke_bootstrap_token 7`."""

    help = "Revoke a bootstrap token by its id, as list_bootstrap_tokens prints it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one."""
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Find it and end it."""
        token = BootstrapToken.objects.filter(pk=options["id"]).first()
        if token is None:
            raise CommandError("There is no such token.")
        try:
            bootstrap_token_revoke(token=token, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"revoked: {token}")
