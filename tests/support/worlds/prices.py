"""Tariffs at charge points, and what they calculate."""

from datetime import timedelta
from decimal import Decimal

from billing.models import Tariff
from billing.services.tariffs import tariff_assign
from central.models import ChargePointTariff, Session, SessionCost
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A tariff put in force, one that is installed, a cost that is final."""
    point, session = world.rows[ChargePoint][number], world.rows[Session][number]
    tariff, later = world.rows[Tariff][number], NOW + timedelta(days=1)
    own = world.organization
    world.keep(tariff_assign(organization=own, tariff=tariff, valid_from=later, now=NOW))
    world.keep(
        ChargePointTariff.objects.create(
            charge_point=point,
            tariff_id=f"{world.mark}-{number}.1",
            tariff={"tariffId": f"{world.mark}-{number}.1", "currency": "EUR"},
            state="installed",
            changed_at=NOW,
        )
    )
    world.keep(
        SessionCost.objects.create(
            charge_point=point,
            session=session,
            tariff_id=f"{world.mark}-{number}.1",
            currency="EUR",
            total_excl=Decimal("1.0000"),
            total_incl=Decimal("1.1900"),
            details={"totalCost": {"energy": {"exclTax": 1.0, "inclTax": 1.19}}, "mark": world.mark},
            is_final=True,
            at=NOW,
        )
    )
