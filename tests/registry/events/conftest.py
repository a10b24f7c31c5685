"""An organisation with two charge points, a receiver, and one who goes round by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.models import ChargePoint, Organization, WebhookDelivery
from registry.services.event_numbers import events_number
from registry.services.event_rounds import Round
from registry.services.events import event_append
from registry.services.webhook_endpoints import Wish, webhook_create
from tests.support.receiver import Receiver

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def points(organization):
    return [
        ChargePoint.objects.create(organization=organization, cp_id=f"CP-{name}", registered_at=START)
        for name in "AB"
    ]


@pytest.fixture
def receiver(settings):
    settings.EGRESS_ALLOW_HTTP = True
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def endpoint(organization, receiver):
    made = webhook_create(
        organization=organization, wish=Wish("Fleet", receiver.url), actor="test", now=START
    )
    shown: Any = made.endpoint
    shown.shown = made.secret
    return shown


@pytest.fixture
def tell(organization):
    """Write a fact, number it."""

    def write(subject, point=None, kind="connector.status", at=START, **data):
        event = event_append(
            organization_id=(point.organization_id if point else organization.pk),
            charge_point_id=point.pk if point else None,
            kind=kind,
            subject=subject,
            data=data,
            now=at,
        )
        events_number()
        return event

    return write


class Clock:
    """Goes round until there is nothing left to do at its time."""

    def __init__(self):
        self.now = START

    def later(self, **by):
        self.now += timedelta(**by)
        return self

    def go_round(self):
        work = Round(threads=8)
        try:
            while work.step(self.now) or work.is_busy:
                work.collect(self.now, 5)
        finally:
            work.close()

    def go_round_until(self, settled, hours=48):
        """Go round again and again, each time a minute later."""
        for _ in range(hours * 60):
            self.later(minutes=1).go_round()
            if settled():
                return
        raise AssertionError("it never settled")


@pytest.fixture
def clock():
    return Clock()


def state_of(event):
    return WebhookDelivery.objects.get(event=event).state
