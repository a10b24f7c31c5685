"""Tokens of partners: kept word for word, and made id tokens that our charge points know.

A uid belongs to the first token that has it in the organisation. Another partner's token with the same uid is
kept and told to a person, but no charge point takes it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from central.models import IdToken, IdTokenGroup
from ocpi.core.tokens import contract_of, ocpp_type
from ocpi.models import Partner, ReceivedToken
from registry.models import Party
from registry.services.events import event_append

UID_TAKEN: Final = "uid_taken"
GONE: Final = "gone"
LONGEST_1_6: Final = 20


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Owner, uid and type; CiStrings, so compared without case."""

    country_code: str
    party_id: str
    uid: str
    token_type: str

    def of(self, partner: Partner) -> dict[str, Any]:
        """The same as columns."""
        return {
            "organization_id": partner.organization_id,
            "country_code": self.country_code.upper(),
            "party_id": self.party_id.upper(),
            "object_key": self.uid.upper(),
            "token_type": self.token_type.upper()[:20],
        }


def token_find(*, partner: Partner, key: TokenKey, exact: bool = False) -> ReceivedToken | None:
    """A partner's token; where there is none of that type, its only one with that uid unless `exact`."""
    columns = key.of(partner)
    rows = ReceivedToken.objects.filter(organization_id=columns["organization_id"])
    found = rows.filter(**columns).first()
    if found is not None or exact:
        return found
    del columns["token_type"]
    others = list(rows.filter(**columns)[:2])
    return others[0] if len(others) == 1 else None


def token_store(
    *,
    partner: Partner,
    key: TokenKey,
    payload: Mapping[str, Any],
    parsed: Mapping[str, Any],
    version: str,
    now: datetime,
) -> bool:
    """Keep a token as it is now; True where it is new. An older state than ours changes nothing."""
    fields = {
        "partner": partner,
        "object_id": payload["uid"],
        "payload": payload,
        "version": version,
        "received_at": now,
        "last_updated": parsed["last_updated"],
    }
    with transaction.atomic():
        row, created = ReceivedToken.objects.select_for_update().get_or_create(
            **key.of(partner), defaults=fields
        )
        if created or parsed["last_updated"] >= row.last_updated:
            for name, value in fields.items():
                setattr(row, name, value)
            _make_known(row, parsed, now)
    return created


def token_merge(
    *,
    row: ReceivedToken,
    changes: Mapping[str, Any],
    last_updated: datetime | None,
    parse: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    now: datetime,
) -> None:
    """Replace some fields of a token (OCPI 2.2.1 §12.2.1.3); `parse` raises where the result is no token."""
    with transaction.atomic():
        held = ReceivedToken.objects.select_for_update().get(pk=row.pk)
        merged = {**held.payload, **changes, "uid": held.payload["uid"]}
        parsed = parse(merged)
        if last_updated is not None and last_updated < held.last_updated:
            return
        held.payload, held.received_at, held.last_updated = merged, now, last_updated or now
        _make_known(held, parsed, now)


def tokens_sweep(*, partner: Partner, seen: "QuerySet[Any, str]", before: datetime, now: datetime) -> int:
    """End what the partner told us `before` and whose "CC/PID/UID/TYPE" is not among `seen`; how many.

    Such a token is kept and valid no longer, until the partner tells it again (OCPI 2.2.1 §12.2.2.1).
    """
    slash = Value("/")
    key = Concat("country_code", slash, "party_id", slash, "object_key", slash, "token_type")
    known = ReceivedToken.objects.filter(partner=partner, received_at__lt=before).exclude(problem=GONE)
    gone = known.alias(key=key).exclude(key__in=seen).select_related("id_token")
    rows = list(gone)
    for row in rows:
        with transaction.atomic():
            ReceivedToken.objects.filter(pk=row.pk).update(problem=GONE)
            if row.id_token is not None:
                _save(row.id_token, {"issuer_valid": False})
    return len(rows)


def _make_known(row: ReceivedToken, parsed: Mapping[str, Any], now: datetime) -> None:
    """Save a token and bring the id token of our charge points in step with it."""
    token = row.id_token or _free(row)
    if token is None:
        if row.problem != UID_TAKEN:
            _tell_conflict(row, now)
        row.problem = UID_TAKEN
    else:
        row.problem = ""
        _save(token, _columns(row.partner, row, parsed))
        row.id_token = token
    row.save()


def _free(row: ReceivedToken) -> IdToken | None:
    """A fresh id token, or the one that the partner's command brought before; None where the uid is taken."""
    uid = row.payload["uid"]
    known = IdToken.objects.filter(organization_id=row.organization_id, uid_key=uid.upper()).first()
    if known is None:
        return IdToken(organization_id=row.organization_id, uid=uid)
    party = known.party
    mine = party is not None and (party.country_code.upper(), party.party_id.upper()) == (
        row.country_code,
        row.party_id,
    )
    same_type = known.roaming_type in {"", row.token_type}
    taken = ReceivedToken.objects.filter(id_token=known).exclude(pk=row.pk).exists()
    return known if mine and same_type and not taken else None


def _columns(partner: Partner, row: ReceivedToken, parsed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "party": party_of(partner, row.country_code, row.party_id),
        "token_type": ocpp_type(row.token_type),
        "roaming_type": row.token_type,
        "contract_id": contract_of(parsed)[:36],
        "visual_number": str(parsed.get("visual_number") or "")[:64],
        "language": str(parsed.get("language") or "")[:8],
        "whitelist": parsed["whitelist"],
        "issuer_valid": parsed["valid"],
        "group": _group(partner, row, str(parsed.get("group_id") or "")),
    }


def _save(token: IdToken, columns: Mapping[str, Any]) -> None:
    """Write only what changed: each write has lists of charge points compared."""
    changed = [name for name, value in columns.items() if getattr(token, name) != value]
    for name in changed:
        setattr(token, name, columns[name])
    if token.pk is None or changed:
        token.save()


def party_of(partner: Partner, country_code: str, party_id: str) -> Party:
    """The party row of a partner's token: that of its provider."""
    names: dict[str, Any] = {"country_code": country_code.upper(), "party_id": party_id.upper()}
    found = partner.parties.filter(**names, role="EMSP").first() or partner.parties.filter(**names).first()
    if found is not None:
        return found
    return Party.objects.get_or_create(organization=partner.organization, role="EMSP", **names)[0]


def _group(partner: Partner, row: ReceivedToken, uid: str) -> IdTokenGroup | None:
    """The partner's group of that id; a group of ours or of another partner is none of its business."""
    if not uid:
        return None
    party = party_of(partner, row.country_code, row.party_id)
    group, _ = IdTokenGroup.objects.get_or_create(
        organization=partner.organization, uid=uid, defaults={"party": party}
    )
    return group if group.party_id == party.pk else None


def token_for_order(
    *, partner: Partner, owner: tuple[str, str], token: Mapping[str, Any], ocpp_version: str
) -> IdToken:
    """The id token for which a partner orders something; made where it is not known (OCPI 2.2.1 §13.3.5).

    Its uid at charge points is another one where that is taken, or too long for OCPP 1.6.
    """
    row = token_find(partner=partner, key=TokenKey(*owner, token["uid"], token["type"]), exact=True)
    uid = token["uid"]
    fits = ocpp_version != "1.6" or len(uid) <= LONGEST_1_6
    if row is not None and row.id_token is not None and fits:
        return row.id_token
    columns = _order_columns(partner, owner, token)
    rows = IdToken.objects.filter(organization=partner.organization)
    if fits:
        # Only made, never overwritten: the uid may become somebody else's at the same moment.
        held, created = rows.get_or_create(
            uid_key=uid.upper(), defaults={**columns, "uid": uid, "organization": partner.organization}
        )
        if created or (held.party_id == columns["party"].pk and held.roaming_type == token["type"]):
            return held
    alias = _alias(owner, token)
    return rows.update_or_create(
        uid_key=alias,
        defaults={**columns, "uid": alias, "roaming_uid": uid, "organization": partner.organization},
    )[0]


def _order_columns(partner: Partner, owner: tuple[str, str], token: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "party": party_of(partner, *owner),
        "token_type": ocpp_type(token["type"]),
        "roaming_type": token["type"],
        "contract_id": contract_of(token)[:36],
        "visual_number": str(token.get("visual_number") or "")[:64],
        "whitelist": token["whitelist"],
        "issuer_valid": token["valid"],
    }


def _alias(owner: tuple[str, str], token: Mapping[str, Any]) -> str:
    """A uid of 20 characters that stands for a longer one, always the same for the same token."""
    text = "/".join((*owner, token["uid"], token["type"])).upper()
    return f"R{hashlib.sha256(text.encode()).hexdigest()[:19]}".upper()


def _tell_conflict(row: ReceivedToken, now: datetime) -> None:
    event_append(
        organization_id=row.organization_id,
        kind="partner_token.conflict",
        subject=f"{row.country_code}-{row.party_id}",
        data={"partner_id": row.partner_id, "token_id": row.pk},
        now=now,
    )
