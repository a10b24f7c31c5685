"""`manage.py issue_enrolment_token`: a secret with which charge points may register themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from emobility.lib.errors import DomainError
from registry.models import EnrolmentToken, Organization
from registry.services.audit import audit_record
from registry.services.enrolment_tokens import enrolment_token_issue
from registry.services.organizations import organization_default


class Command(BaseCommand):
    """Issue an enrolment token and print it, once."""

    help = "Prints an enrolment token for one charge point id or for all ids with a prefix."

    def add_arguments(self, parser: CommandParser) -> None:
        """The scope of the token."""
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--cp-id", default="", help="the only charge point id it is good for")
        scope.add_argument("--prefix", default="", help="good for every id that begins so")
        parser.add_argument("--uses", type=int, default=1, help="how many registrations (default 1)")
        parser.add_argument("--hours", type=float, default=24, help="hours until it expires (default 24)")
        parser.add_argument(
            "--organization", default="", help="short name; default: the default organisation"
        )
        parser.add_argument(
            "--reissue", action="store_true", help="may also replace the credentials of a registered id"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, note who made it, print it."""
        moment = now()
        token, secret = self._issue(options, moment)
        audit_record(
            actor="command line",
            action="enrolment_token.issued",
            organization_id=token.organization_id,
            object_type="enrolment_token",
            object_id=str(token.pk),
            after={"for": str(token), "uses": token.max_uses, "reissue": token.reissue},
            now=moment,
        )
        self.stderr.write(
            f"Enrolment token for {token} of {token.organization}: {token.max_uses} use(s), until "
            f"{token.expires_at:%Y-%m-%d %H:%M} UTC. It is shown only now."
        )
        self.stdout.write(secret)

    def _issue(self, options: Mapping[str, Any], moment: datetime) -> tuple[EnrolmentToken, str]:
        try:
            return enrolment_token_issue(
                organization=self._organization(options["organization"]),
                cp_id=options["cp_id"],
                prefix=options["prefix"],
                max_uses=options["uses"],
                lifetime=timedelta(hours=options["hours"]),
                reissue=options["reissue"],
                now=moment,
            )
        except (DomainError, OverflowError) as error:
            fields = getattr(error, "fields", None) or {"": str(error)}
            raise CommandError("; ".join(f"{name} {fault}" for name, fault in fields.items())) from error

    def _organization(self, slug: str) -> Organization:
        if not slug:
            return organization_default(now())
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no organisation with the short name {slug!r}.")
        return found
