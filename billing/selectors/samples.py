"""What charge points said during sessions, as samples for the periods: registers, power, charging states."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Q

from billing.selectors.sample import Sample
from central.models import MeterValue, Session, SessionEvent, StatusChange
from central.ports import SessionMove

BEFORE_START = timedelta(minutes=5)
SAMPLE_TIME = attrgetter("at")


def samples_since(
    sessions: Sequence[Session], since: Mapping[int, datetime | None]
) -> dict[int, list[Sample]]:
    """The samples of each session later than `since` (None: all), in the order of their time.

    Registers below the session's first one are left out: they belong to something else.
    At most three queries for any number of sessions.
    """
    found: dict[int, list[Sample]] = {session.pk: [] for session in sessions}
    by_id = {session.pk: session for session in sessions}
    _add_meter_values(found, by_id, since)
    _add_states(found, [each for each in sessions if each.ocpp_version != "1.6"], since)
    _add_connector_states(found, [each for each in sessions if each.ocpp_version == "1.6"], since)
    for samples in found.values():
        samples.sort(key=SAMPLE_TIME)
    return found


def _later(sessions: Iterable[int], since: Mapping[int, datetime | None], field: str) -> Q:
    """Rows of each session after its own time; one condition for all that want everything."""
    everything = [pk for pk in sessions if since[pk] is None]
    condition = Q(session_id__in=everything)
    for pk in sessions:
        if since[pk] is not None:
            condition |= Q(session_id=pk, **{f"{field}__gt": since[pk]})
    return condition


def _add_meter_values(
    found: dict[int, list[Sample]], sessions: Mapping[int, Session], since: Mapping[int, datetime | None]
) -> None:
    if not sessions:
        return
    rows = MeterValue.objects.filter(_later(sessions, since, "sampled_at")).values_list(
        "session_id", "sampled_at", "register_wh", "power_w", "current_ma"
    )
    for session_id, at, register_wh, power_w, current_ma in rows.order_by("sampled_at", "id"):
        first = sessions[session_id].meter_start_wh
        foreign = register_wh is not None and first is not None and register_wh < first
        found[session_id].append(Sample(at, None if foreign else register_wh, power_w, None, current_ma))


def _add_states(
    found: dict[int, list[Sample]], sessions: Sequence[Session], since: Mapping[int, datetime | None]
) -> None:
    """OCPP 2.x: transactionInfo.chargingState of the transaction's events."""
    if not sessions:
        return
    ids = [session.pk for session in sessions]
    rows = SessionEvent.objects.filter(_later(ids, since, "at")).values_list(
        "session_id", "at", "payload__transactionInfo__chargingState"
    )
    for session_id, at, word in rows.order_by("at", "id"):
        if word:
            found[session_id].append(Sample(at, state=word))


def _add_connector_states(
    found: dict[int, list[Sample]], sessions: Sequence[Session], since: Mapping[int, datetime | None]
) -> None:
    """OCPP 1.6: the connector's StatusNotifications while the transaction runs."""
    if not sessions:
        return
    earliest = min(session.start_received_at for session in sessions)
    rows = StatusChange.objects.filter(
        charge_point_id__in={session.charge_point_id for session in sessions},
        received_at__gte=earliest - BEFORE_START,
    ).values_list("charge_point_id", "evse_number", "at", "status")
    places: dict[tuple[int, int], list[Session]] = defaultdict(list)
    for session in sessions:
        places[session.charge_point_id, session.evse_number].append(session)
    for charge_point_id, evse_number, at, word in rows.order_by("at", "id"):
        for session in places.get((charge_point_id, evse_number), ()):
            after = since[session.pk]
            if at >= session.started_at and (after is None or at > after):
                found[session.pk].append(Sample(at, state=word))


def moved_samples(move: SessionMove) -> list[Sample]:
    """What an event itself brought, in the order of its time: its readings, and its state at its end."""
    first = move.session.meter_start_wh
    samples = []
    for reading in move.readings:
        register = reading.register_wh
        if register is not None and first is not None and register < first:
            register = None
        samples.append(Sample(reading.sampled_at, register, reading.power_w, None, reading.current_ma))
    if move.charging_state:
        samples.append(Sample(move.at, None, None, move.charging_state))
    if len(samples) > 1:
        samples.sort(key=SAMPLE_TIME)
    return samples
