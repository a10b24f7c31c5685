"""What the kill test does inside the server's own environment (through `manage.py shell`)."""

from datetime import timedelta

from django.utils.timezone import now

from billing.selectors.cdrs import sessions_without_cdr
from billing.services.cdrs import cdr_create
from central.models import IdToken
from emobility.demo_seed import seed_demo
from registry.models import Organization


def seed(tags: int) -> None:
    """The demo's company and tariff, and tags that may be used any number of times at once."""
    seed_demo(now=now())
    organization = Organization.objects.default()
    assert organization is not None
    for number in range(tags):
        IdToken.objects.create(organization=organization, uid=f"TAG-{number}", concurrent_sessions=0)


def make_cdrs() -> None:
    """What billing's sweep asks for, twice: a repeat changes nothing."""
    for _ in range(2):
        moment = now() + timedelta(seconds=1)
        for session_id in sessions_without_cdr(moment, deep=True, limit=100_000):
            cdr_create(session_id=session_id, now=moment)
            cdr_create(session_id=session_id, now=moment)
