"""Facts of a charge point: written to the event log, and rung so that open pages show them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central.signals import charge_point_changed
from emobility.lib.bell import after_commit
from registry.models import ChargePoint
from registry.services.events import event_append


def fact_tell(
    *, charge_point_id: int, kind: str, subject: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Tell a fact to its owner's organisation; `data` holds ids and words, nothing secret or personal."""
    owner = ChargePoint.objects.values_list("organization_id", flat=True).get(pk=charge_point_id)
    event_append(
        organization_id=owner,
        charge_point_id=charge_point_id,
        kind=kind,
        subject=subject,
        data=data,
        now=now,
    )
    after_commit(charge_point_changed, charge_point_id=charge_point_id)
