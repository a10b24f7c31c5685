"""What charge points calculate for sessions by themselves, kept beside our own price (2.1 I12)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from central.models import Session, SessionCost


@dataclass(frozen=True, slots=True)
class Calculated:
    """A costDetails of OCPP: totals without and with tax where they are told; `seq_no` of its event."""

    transaction_id: str
    seq_no: int
    is_final: bool
    currency: str
    total_excl: Decimal | None
    total_incl: Decimal | None
    tariff_id: str
    failed: bool
    failure: str
    details: dict[str, Any]


def session_cost_record(*, charge_point_id: int, calculated: Calculated, now: datetime) -> SessionCost | None:
    """Keep the newest calculation of a session; an older event, or a repeat, changes nothing.

    None where we do not know the session.
    """
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",))
            .filter(charge_point_id=charge_point_id, transaction_id=calculated.transaction_id)
            .first()
        )
        if session is None:
            return None
        row = SessionCost.objects.filter(session=session).first()
        if row is not None and (row.is_final, row.seq_no) >= (calculated.is_final, calculated.seq_no):
            return row
        row = row or SessionCost(session=session, charge_point_id=charge_point_id)
        row.tariff_id = calculated.tariff_id or row.tariff_id
        row.currency = calculated.currency
        row.total_excl, row.total_incl = calculated.total_excl, calculated.total_incl
        row.failed, row.failure = calculated.failed, calculated.failure
        row.details, row.is_final = calculated.details, calculated.is_final
        row.seq_no, row.at = calculated.seq_no, now
        row.save()
    return row
