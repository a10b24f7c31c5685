"""What roaming partners said and ordered."""

from datetime import timedelta

from central.models import IdToken, ProviderAnswer
from ocpi.models import HubClient, Partner, ReceivedCommand, ReceivedToken, SentCommand
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A provider's answer and token, a command in each direction, a party behind a hub."""
    world.keep(
        ProviderAnswer.objects.create(
            organization=world.organization,
            charge_point=world.rows[ChargePoint][number],
            id_token=world.rows[IdToken][number],
            status="Accepted",
            word="ALLOWED",
            reference=world.mark,
            message=world.mark,
            at=NOW,
            good_until=NOW + timedelta(minutes=5),
        )
    )
    world.keep(
        ReceivedToken.objects.create(
            organization=world.organization,
            partner=world.rows[Partner][number],
            country_code="NL",
            party_id="EMS",
            object_id=f"{world.mark}-{number}",
            object_key=f"{world.mark}-{number}".upper(),
            payload={"uid": world.mark, "valid": True},
            received_at=NOW,
            last_updated=NOW,
        )
    )
    common = {
        "organization": world.organization,
        "partner": world.rows[Partner][number],
        "kind": "START_SESSION",
        "version": "2.2.1",
        "payload": {"location_id": world.mark},
        "response": "ACCEPTED",
        "message": world.mark,
        "created_at": NOW,
        "deadline_at": NOW + timedelta(minutes=1),
    }
    world.keep(ReceivedCommand.objects.create(**common, response_url=f"https://{world.mark}.example/1"))
    world.keep(SentCommand.objects.create(**common, handle=f"{world.mark}-{number}"))
    world.keep(
        HubClient.objects.create(
            organization=world.organization,
            partner=world.rows[Partner][number],
            country_code="NL",
            party_id=f"{number:03d}",
            role="CPO",
            status="CONNECTED",
            payload={"name": world.mark},
            version="2.2.1",
            received_at=NOW,
            last_updated=NOW,
        )
    )
