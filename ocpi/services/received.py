"""Stores what partners send us, word for word: sessions that change, CDRs that never do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ocpi.core.errors import ParametersInvalid
from ocpi.core.fields import parse_moment
from ocpi.models import Partner, ReceivedCdr, ReceivedSession
from registry.models import Organization
from registry.services.events import event_append


def _key(partner: Partner, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "organization": partner.organization,
        "country_code": payload["country_code"].upper(),
        "party_id": payload["party_id"].upper(),
        "object_key": payload["id"].upper(),
    }


def session_find(
    *, organization: Organization, country_code: str, party_id: str, session_id: str
) -> ReceivedSession | None:
    """A partner's session by its owner and id, compared without case."""
    return ReceivedSession.objects.filter(
        organization=organization,
        country_code=country_code.upper(),
        party_id=party_id.upper(),
        object_key=session_id.upper(),
    ).first()


def session_store(
    *, partner: Partner, payload: Mapping[str, Any], last_updated: datetime, now: datetime
) -> bool:
    """Keep a session as it is now; True where it is new. An older state than ours changes nothing."""
    fields = {
        "partner": partner,
        "object_id": payload["id"],
        "payload": payload,
        "received_at": now,
        "last_updated": last_updated,
    }
    with transaction.atomic():
        row, created = ReceivedSession.objects.select_for_update().get_or_create(
            **_key(partner, payload), defaults=fields
        )
        if not created and last_updated >= row.last_updated:
            ReceivedSession.objects.filter(pk=row.pk).update(**fields)
    return created


def session_merge(
    *,
    row: ReceivedSession,
    changes: Mapping[str, Any],
    last_updated: datetime,
    check: Callable[[Mapping[str, Any]], object],
    now: datetime,
) -> None:
    """Add changes to a session: charging periods are appended, all else replaced (OCPI 2.2.1 §9.2.2.3).

    `check` raises where the result is no session any more.
    """
    with transaction.atomic():
        held = ReceivedSession.objects.select_for_update().get(pk=row.pk)
        merged = {**held.payload, **changes}
        merged["id"] = held.payload["id"]
        added = changes.get("charging_periods") or []
        if "charging_periods" in merged:
            merged["charging_periods"] = [*(held.payload.get("charging_periods") or []), *added]
        check(merged)
        if last_updated < held.last_updated:
            return
        held.payload, held.last_updated, held.received_at = merged, last_updated, now
        held.save(update_fields=["payload", "last_updated", "received_at"])


def cdr_store(*, partner: Partner, payload: Mapping[str, Any], now: datetime) -> tuple[ReceivedCdr, bool]:
    """Keep a CDR; False where we have it already.

    Raises ParametersInvalid (2001) where another CDR has its id: a CDR cannot change (OCPI 2.2.1 §10.1).
    """
    key = _key(partner, payload)
    fields = {
        "partner": partner,
        "object_id": payload["id"],
        "payload": payload,
        "received_at": now,
        "last_updated": parse_moment(payload["last_updated"]),
    }
    try:
        with transaction.atomic():
            row = ReceivedCdr.objects.create(**key, **fields)
            _tell(row, now)
            return row, True
    except IntegrityError:
        row = ReceivedCdr.objects.get(**key)
    if row.payload != payload:
        raise ParametersInvalid("There is another CDR with this id.", {"id": "is taken"})
    return row, False


def _tell(row: ReceivedCdr, now: datetime) -> None:
    event_append(
        organization_id=row.organization_id,
        kind="partner_cdr.received",
        subject=row.object_id,
        data={"id": row.pk, "party": f"{row.country_code}-{row.party_id}"},
        now=now,
    )
