"""Parties behind a hub: kept as the hub tells of them, never deleted (OCPI 2.2.1 §15)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ocpi.core.errors import ParametersInvalid
from ocpi.models import HubClient, Partner


def hub_check(partner: Partner) -> None:
    """Only a hub tells of others. Raises ParametersInvalid (2001)."""
    if not partner.is_hub:
        raise ParametersInvalid("Only a hub may tell of other parties.")


def hub_client_find(*, partner: Partner, country_code: str, party_id: str) -> HubClient | None:
    """What the hub told of a party; of several roles the one that changed last."""
    rows = HubClient.objects.filter(
        partner=partner, country_code=country_code.upper(), party_id=party_id.upper()
    )
    return rows.order_by("-last_updated", "-id").first()


def hub_client_store(
    *, partner: Partner, payload: Mapping[str, Any], parsed: Mapping[str, Any], version: str, now: datetime
) -> bool:
    """Keep a party as it is now; True where it is new. An older state than ours changes nothing."""
    values = {
        "organization": partner.organization,
        "status": parsed["status"],
        "payload": payload,
        "version": version,
        "received_at": now,
        "last_updated": parsed["last_updated"],
    }
    with transaction.atomic():
        row, created = HubClient.objects.select_for_update().get_or_create(
            partner=partner,
            country_code=parsed["country_code"].upper(),
            party_id=parsed["party_id"].upper(),
            role=parsed["role"],
            defaults=values,
        )
        if not created and parsed["last_updated"] >= row.last_updated:
            HubClient.objects.filter(pk=row.pk).update(**values)
    return created
