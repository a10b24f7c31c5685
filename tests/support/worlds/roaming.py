"""What roaming partners said and ordered."""

from datetime import timedelta

from central.models import IdToken, ProviderAnswer
from ocpi.models import Partner, ReceivedToken
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A provider's answer and token."""
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
