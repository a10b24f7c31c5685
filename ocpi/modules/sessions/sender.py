"""Sessions, sender: the list that partners pull, and drivers' preferences (OCPI 2.2.1 §9.2.1)."""

from typing import Any

from django.db.models import Value

from central.models import Session
from ocpi.core.driver_objects import CHARGING_PREFERENCES
from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import PageQuery, read_page
from ocpi.core.versions import V211
from ocpi.models import ReservedSession
from ocpi.modules.sessions import reservations
from ocpi.modules.sessions.mapping import RELATED, sessions_render
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import known_parties
from ocpi.services.preferences import preferences_receive

SESSIONS_SENDER = Interface("sessions", SENDER, roles=("CPO",))


@SESSIONS_SENDER.on("GET")
def sessions_list(call: Call) -> Reply:
    """Sessions of the partner's tokens, oldest first; `date_from` is required (§9.2.1.1)."""
    page = read_page(call.query, date_from_required=True)
    own, keys = identity_of(call.organization), _keys(call, page)
    chosen = list(keys[page.offset : page.offset + page.limit])
    sessions = Session.objects.select_related(*RELATED).in_bulk([pk for _at, kind, pk in chosen if kind])
    reserved = ReservedSession.objects.select_related(*reservations.RELATED)
    held = reserved.in_bulk([pk for _at, kind, pk in chosen if not kind])
    told = sessions_render(list(sessions.values()), own, call.version)
    objects = dict(zip(sessions, told, strict=True))
    return Reply(
        [
            objects[pk] if kind else reservations.reserved_render(held[pk], own, call.version)
            for _at, kind, pk in chosen
            if pk in (sessions if kind else held)
        ],
        headers=page.headers(call.url, keys.count()),
    )


def _keys(call: Call, page: PageQuery) -> Any:
    """Sessions (kind 1), and reservations that no session used (0), oldest first: when, kind, key."""
    parties = known_parties(call.peer)
    sessions = _within(Session.objects.filter(id_token__party__in=parties), call, page, "updated_at")
    found = sessions.order_by().values_list("start_received_at", Value(1), "pk")
    if call.version == V211:
        return found.order_by("pk")
    unused = ReservedSession.objects.filter(id_token__party__in=parties, session=None)
    held = _within(unused, call, page, "last_updated").order_by()
    return found.union(held.values_list("started_at", Value(0), "pk"), all=True).order_by(
        "start_received_at", "pk"
    )


def _within(rows: Any, call: Call, page: PageQuery, changed: str) -> Any:
    rows = rows.filter(**{f"{changed}__gte": page.date_from}, organization=call.organization)
    return rows.filter(**{f"{changed}__lt": page.date_to}) if page.date_to else rows


@SESSIONS_SENDER.on("PUT", "{session_id}/charging_preferences")
def preferences_put(call: Call) -> Reply:
    """What the driver wants of a running session; answered with a bare word (§9.2.1.2)."""
    if call.version == V211:
        raise ObjectUnknown("There is nothing at this address.")
    wanted = call.read(CHARGING_PREFERENCES)
    found = preferences_receive(
        partner=call.peer, session_id=call.params["session_id"], wanted=wanted, now=call.now
    )
    return Reply(found)
