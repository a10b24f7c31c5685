"""What roaming partners said and ordered."""

from datetime import timedelta

from central.models import IdToken, ProviderAnswer
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """An answer of a provider."""
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
