"""A partner with what was exchanged with it."""

import uuid
from collections.abc import Callable
from typing import Any

from billing.models import Cdr
from ocpi.models import (
    BootstrapToken,
    Delivery,
    Deviation,
    Exchange,
    Partner,
    ReceivedCdr,
    ReceivedLocation,
    ReceivedSession,
    ReceivedTariff,
)
from registry.models import User
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """The partner, a bootstrap token, a delivery, a message, and one object of each kind that it told."""
    own, person = world.organization, world.rows[User][number]
    partner = world.keep(
        Partner.objects.create(
            organization=own,
            country_code="NL",
            party_id=f"{number:03d}",
            name=world.mark,
            roles=[{"role": "EMSP"}],
            failures=1,
        )
    )
    world.keep(
        BootstrapToken.objects.create(
            organization=own, digest=uuid.uuid4().hex, label=world.mark, expires_at=NOW, created_by=person
        )
    )
    world.keep(
        Delivery.objects.create(
            partner=partner,
            module="cdrs",
            object_id=f"{world.mark}-{number}",
            source_id=world.rows[Cdr][number].pk,
            source_at=NOW,
            state="dead",
            next_attempt_at=NOW,
            created_at=NOW,
        )
    )
    world.keep(
        Deviation.objects.create(
            partner=partner, kind="raw", detail=world.mark, first_seen_at=NOW, last_seen_at=NOW
        )
    )
    world.keep(
        Exchange.objects.create(
            organization=own,
            partner=partner,
            outgoing=True,
            method="POST",
            url=f"https://{world.mark}.example/cdrs",
            http_status=200,
            status_code=1000,
            request_body={"x": world.mark},
            at=NOW,
        )
    )
    received: tuple[Callable[..., Any], ...] = tuple(
        model.objects.create for model in (ReceivedCdr, ReceivedSession, ReceivedLocation, ReceivedTariff)
    )
    for create in received:
        world.keep(
            create(
                organization=own,
                partner=partner,
                country_code="NL",
                party_id="EMS",
                object_id=f"{world.mark}-{number}",
                object_key=f"{world.mark}-{number}".upper(),
                payload={"id": world.mark, "kwh": 1.5},
                received_at=NOW,
                last_updated=NOW,
            )
        )
