"""Stores what partners tell us, word for word: objects that change, CDRs that never do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from ocpi.core.errors import ParametersInvalid
from ocpi.core.modules import Arrival, Call
from ocpi.core.ownership import Owner
from ocpi.models import Partner, ReceivedCdr, ReceivedSession
from ocpi.models.received import ReceivedObject
from registry.models import Organization
from registry.services.events import event_append

Row = TypeVar("Row", bound=ReceivedObject)
Check = Callable[[Mapping[str, Any]], object]
"""Raises ParametersInvalid where an object breaks the rules of its module."""


@dataclass(frozen=True, slots=True)
class Told:
    """A whole object as a partner told it: owner in upper case, payload of OCPI `version`."""

    partner: Partner
    owner: Owner
    object_id: str
    payload: Mapping[str, Any]
    version: str
    last_updated: datetime
    now: datetime

    @property
    def key(self) -> dict[str, Any]:
        """What names its row."""
        return object_key(self.partner.organization, self.owner, self.object_id)

    @property
    def fields(self) -> dict[str, Any]:
        """The columns of its row."""
        return {
            "partner": self.partner,
            "object_id": self.object_id,
            "payload": self.payload,
            "version": self.version,
            "received_at": self.now,
            "last_updated": self.last_updated,
        }


def told_of(partner: Partner, said: Call | Arrival, owner: Owner, parsed: Mapping[str, Any]) -> Told:
    """What a request or a list said: the body as it came, read as `parsed`."""
    return Told(partner, owner, parsed["id"], said.body, said.version, parsed["last_updated"], said.now)


def object_key(organization: Organization, owner: Owner, object_id: str) -> dict[str, Any]:
    """The columns that name one object; ids are compared without case."""
    return {
        "organization": organization,
        "country_code": owner[0].upper(),
        "party_id": owner[1].upper(),
        "object_key": object_id.upper(),
    }


def object_find(model: type[Row], organization: Organization, owner: Owner, object_id: str) -> Row | None:
    """A partner's object by its owner and id, compared without case."""
    rows: Any = model.objects
    found: Row | None = rows.filter(**object_key(organization, owner, object_id)).first()
    return found


def object_store(model: type[Row], told: Told, **columns: Any) -> tuple[Row, bool, bool]:
    """Keep an object as it is now: row, whether it is new, whether it changed anything.

    An older state than ours changes nothing. Call it inside a transaction.
    """
    rows: Any = model.objects
    row, created = rows.select_for_update().get_or_create(**told.key, defaults={**told.fields, **columns})
    if created:
        return row, True, True
    if told.last_updated < row.last_updated:
        return row, False, False
    changed = row.payload != told.payload
    for name, value in {**told.fields, **columns}.items():
        setattr(row, name, value)
    row.save()
    return row, False, changed


def session_store(*, told: Told) -> bool:
    """Keep a session as it is now; True where it is new (OCPI 2.2.1 §9.2.2.2)."""
    with transaction.atomic():
        return object_store(ReceivedSession, told)[1]


def session_merge(
    *,
    row: ReceivedSession,
    changes: Mapping[str, Any],
    last_updated: datetime | None,
    check: Check,
    now: datetime,
) -> None:
    """Add changes to a session: charging periods are appended, all else replaced (OCPI 2.2.1 §9.2.2.3).

    `check` raises where the result is no session any more. Without `last_updated` (2.1.1) it is now.
    """
    with transaction.atomic():
        held = ReceivedSession.objects.select_for_update().get(pk=row.pk)
        merged = {**held.payload, **changes, "id": held.payload["id"]}
        added = changes.get("charging_periods") or []
        if "charging_periods" in merged:
            merged["charging_periods"] = [*(held.payload.get("charging_periods") or []), *added]
        check(merged)
        since = last_updated or now
        if since < held.last_updated:
            return
        held.payload, held.last_updated, held.received_at = merged, since, now
        held.save(update_fields=["payload", "last_updated", "received_at"])


def cdr_store(*, told: Told) -> tuple[ReceivedCdr, bool]:
    """Keep a CDR; False where we have it already.

    Raises ParametersInvalid (2001) where another CDR has its id: a CDR cannot change (OCPI 2.2.1 §10.1).
    """
    try:
        with transaction.atomic():
            row = ReceivedCdr.objects.create(**told.key, **told.fields)
            _tell(row, told.now)
            return row, True
    except IntegrityError:
        row = ReceivedCdr.objects.get(**told.key)
    if row.payload != told.payload:
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
