"""Settlements: what payment terminals at charge points settled, and where the receipt is (2.1 C21, C22)."""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from central.models import Session, Settlement
from central.ports import Receipt, ports
from registry.services.events import event_append

SETTLED: Final = "Settled"


@dataclass(frozen=True, slots=True)
class Settled:
    """What the charge point says; `key` is the print of its message, by which a repeat is known."""

    key: str
    psp_ref: str
    status: str
    amount: Decimal
    settled_at: datetime
    transaction_id: str = ""
    status_info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""
    vat_number: str = ""
    vat_company: dict[str, Any] | None = None


def settlement_record(
    *, organization_id: int, charge_point_id: int, settled: Settled, now: datetime
) -> Receipt | None:
    """Keep a settlement; the receipt to answer with, where it is ours to give (C21.FR.03).

    None where the charge point has its own (C21.FR.04), or nothing was settled (C22). A repeat gets the same.
    """
    with transaction.atomic():
        row, is_new = Settlement.objects.get_or_create(
            charge_point_id=charge_point_id,
            key=settled.key,
            defaults={
                **{each.name: getattr(settled, each.name) for each in fields(settled) if each.name != "key"},
                "session": _session(charge_point_id, settled),
                "received_at": now,
            },
        )
        if is_new:
            _receipt(row)
            _tell(row, organization_id, now)
    return Receipt(row.receipt_url, row.receipt_id) if row.receipt_by_us else None


def _receipt(row: Settlement) -> None:
    if row.status != SETTLED or row.receipt_url or row.receipt_id:
        return
    receipt = ports.receipt(row.pk)
    if receipt is None and settings.OCPP_RECEIPT_URL:
        receipt = Receipt(settings.OCPP_RECEIPT_URL.replace("{id}", str(row.uid)), str(row.uid))
    if receipt is not None:
        row.receipt_url, row.receipt_id, row.receipt_by_us = receipt.url, receipt.number, True
        row.save(update_fields=["receipt_url", "receipt_id", "receipt_by_us"])


def _session(charge_point_id: int, settled: Settled) -> Session | None:
    """The transaction that is named; else the latest one that was paid with this reference."""
    sessions = Session.objects.filter(charge_point_id=charge_point_id)
    if settled.transaction_id:
        return sessions.filter(transaction_id=settled.transaction_id).first()
    return sessions.filter(id_tag=settled.psp_ref).order_by("-pk").first()


def _tell(row: Settlement, organization_id: int, now: datetime) -> None:
    event_append(
        organization_id=organization_id,
        charge_point_id=row.charge_point_id,
        kind=f"settlement.{row.status.lower()}",
        subject=row.psp_ref,
        data={"settlement_id": row.pk, "amount": str(row.amount), "session_id": row.session_id},
        now=now,
    )
