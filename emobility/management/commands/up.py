"""`manage.py up`: what `make up` calls: migrate, seed, serve with worker, scheduler and demo fleet."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from emobility import env
from emobility.management.commands.serve import listeners
from emobility.serving import PortTaken


class Command(BaseCommand):
    """The first five minutes in one command."""

    help = "Migrates the database, seeds the demo and serves everything in the foreground until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the ports before anything is changed, then go."""
        try:
            for listener in listeners():
                listener.check_free()
        except PortTaken as error:
            raise CommandError(f"{error} Choose others: PORT=8001 REGISTRY_API_PORT=8081 make up") from error
        self.stdout.write(f"Preparing the database ({connection.vendor}) ...")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        demo = env.boolean("DEMO", default=True)
        if settings.DEVELOPMENT:
            call_command("seed_demo")
        call_command("serve", embedded=True, demo=demo and settings.DEVELOPMENT, quiet=True)
