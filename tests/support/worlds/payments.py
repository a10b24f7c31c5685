"""Battery swaps, settlements, checks of VAT numbers, payments on the web."""

from decimal import Decimal

from central.models import BatterySwap, Session, Settlement, VatCheck, WebPayment
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """One of each."""
    point = world.rows[ChargePoint][number]
    battery = {"evseId": 1, "serialNumber": world.mark, "soC": 20, "soH": 90}
    world.keep(
        BatterySwap.objects.create(
            charge_point=point,
            request_id=number,
            id_tag=world.mark,
            state="half",
            changed_at=NOW,
            batteries_in=[battery],
            in_at=NOW,
            created_at=NOW,
        )
    )
    world.keep(
        Settlement.objects.create(
            charge_point=point,
            session=world.rows[Session][number],
            key=f"{world.mark}-{number}",
            transaction_id=f"{world.mark}-{number}",
            psp_ref=world.mark,
            status="Settled",
            amount=Decimal("12.3400"),
            settled_at=NOW,
            vat_company={"name": world.mark, "address1": "1", "city": "Metz", "country": "France"},
            received_at=NOW,
        )
    )
    world.keep(
        VatCheck.objects.create(
            charge_point=point,
            vat_number=world.mark[:20],
            status="Rejected",
            reason="WrongForm",
            first_at=NOW,
            at=NOW,
        )
    )
    world.keep(
        WebPayment.objects.create(
            charge_point=point,
            evse_number=1,
            timeout_s=300,
            state="told",
            changed_at=NOW,
            expires_at=NOW,
            created_at=NOW,
        )
    )
