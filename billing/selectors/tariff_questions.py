"""Which tariff applies where, when and for whom: the question as a person asks it."""

from datetime import datetime
from typing import Any

from billing.selectors.named import party_named
from billing.selectors.tariff_precedence import REGULAR, Asked
from billing.selectors.tariffs_in_force import session_asked
from central.models import IdToken, IdTokenGroup, Session
from emobility.lib.errors import Invalid
from registry.models import ChargePoint


def question_asked(values: dict[str, Any], user: Any, now: datetime) -> Asked:
    """What is asked, of visible things only. Raises Invalid with the field named."""
    if values.get("session"):
        sessions: Any = Session.objects.visible_to(user)
        return session_asked(_found(sessions.filter(uid=values["session"]), "session"))
    points: Any = ChargePoint.objects.visible_to(user)
    point = _found(points.filter(cp_id=values.get("charge_point", "")), "charge_point")
    group_id, party_id = _audience(values, user, point.organization_id)
    return Asked(
        point.organization_id,
        values.get("at") or now,
        point.pk,
        values.get("evse") or 0,
        values.get("connector") or 0,
        point.site_id,
        group_id,
        party_id,
        values.get("type") or REGULAR,
    )


def _audience(values: dict[str, Any], user: Any, organization_id: int) -> tuple[int | None, int | None]:
    """The group and the partner that are named, or those of the tag."""
    if uid := values.get("id_token"):
        tokens = IdToken.objects.filter(organization=organization_id, uid_key=uid.upper())
        token = _found(tokens, "id_token")
        return token.group_id, token.party_id
    group_id = party_id = None
    if uid := values.get("group"):
        group_id = _found(IdTokenGroup.objects.filter(organization=organization_id, uid=uid), "group").pk
    if name := values.get("party"):
        party = party_named(name, user)
        if party is None or party.organization_id != organization_id:
            raise Invalid("Something is unknown.", fields={"party": "There is no such thing."})
        party_id = party.pk
    return group_id, party_id


def _found(rows: Any, name: str) -> Any:
    row = rows.first()
    if row is None:
        raise Invalid("Something is unknown.", fields={name: "There is no such thing."})
    return row
