"""Fills the benchmark's database: charge points with credentials, a tag for each, an enrolment token.

Called in the server's environment by `manage.py shell`, which has set up Django.
"""

import json
import sys
from datetime import timedelta

from django.utils.timezone import now
from rest_framework_simplejwt.tokens import RefreshToken

from central.models import IdToken
from registry.api.access_tokens import access_for
from registry.models import ChargePoint, User
from registry.services.credentials import credential_generate, credential_hash
from registry.services.enrolment_tokens import enrolment_token_issue
from registry.services.organizations import organization_default

PREFIX = "NEW-"
OPERATORS = 20
"""Each may give 60 orders a minute."""


def main(count: int, registrations: int) -> None:
    """Make it and print it as JSON: `charge_points` [[id, secret], ...], `enrolment_token`, `tokens`."""
    moment = now()
    organization = organization_default(moment)
    secrets = {f"BENCH-{number:05d}": credential_generate() for number in range(count)}
    ChargePoint.objects.bulk_create(
        ChargePoint(
            organization=organization,
            cp_id=cp_id,
            credential_hash=credential_hash(secret),
            registered_at=moment,
        )
        for cp_id, secret in secrets.items()
    )
    IdToken.objects.bulk_create(
        IdToken(organization=organization, uid=f"TAG-{cp_id}", uid_key=f"TAG-{cp_id}") for cp_id in secrets
    )
    _, token = enrolment_token_issue(
        organization=organization,
        prefix=PREFIX,
        max_uses=registrations,
        lifetime=timedelta(hours=1),
        now=moment,
    )
    people = [
        User.objects.create(username=f"operator-{number}", organization=organization, role="operator")
        for number in range(OPERATORS)
    ]
    tokens = [access_for(person, RefreshToken.for_user(person))["access"] for person in people]
    seed = {"charge_points": list(secrets.items()), "enrolment_token": token, "tokens": tokens}
    sys.stdout.write(json.dumps(seed))
