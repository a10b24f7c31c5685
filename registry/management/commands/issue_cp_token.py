"""`manage.py issue_cp_token`: a token of a charge point, for tests and repairs on site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from registry.models import ChargePoint
from registry.services.audit import audit_record
from registry.services.tokens import charge_point_token_issue


class Command(BaseCommand):
    """Issue a charge point's token and print it, once."""

    help = "Prints a bearer token of one registered charge point."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose token, and for how long."""
        parser.add_argument("cp_id", help="the charge point's id")
        parser.add_argument("--hours", type=int, help="lifetime, 1 to 168 (default as configured)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print it."""
        hours = options["hours"]
        if hours is not None and not 1 <= hours <= 168:
            raise CommandError("--hours must be from 1 to 168.")
        charge_point = ChargePoint.objects.filter(cp_id=options["cp_id"]).first()
        if charge_point is None or not charge_point.is_registered:
            raise CommandError(f"{options['cp_id']} is not registered.")
        moment = now()
        token, expires_at = charge_point_token_issue(charge_point, moment, hours=hours)
        audit_record(
            actor="command line",
            action="charge_point.token_issued",
            organization_id=charge_point.organization_id,
            object_type="charge_point",
            object_id=charge_point.cp_id,
            after={"expires_at": expires_at.isoformat()},
            now=moment,
        )
        self.stderr.write(
            f"Token of {charge_point}, until {expires_at:%Y-%m-%d %H:%M} UTC. It is shown only now."
        )
        self.stdout.write(token)
