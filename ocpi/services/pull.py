"""Reads partners' lists: from where the last round ended with an overlap, and now and then everything.

A page is asked for, its objects are kept by what the module registered, and the state says where to go on: a
killed worker's round is taken up again. What a list holds that is not fit is counted and named, the rest is
kept. A full round that ends ends what it did not see, unless that would be all there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from emobility.lib.egress import Line
from emobility.lib.errors import DomainError
from emobility.lib.outlets import Pauses
from ocpi.core.client import PeerAnswer
from ocpi.core.crawling import Step, following, with_query
from ocpi.core.envelope import stamp
from ocpi.core.errors import ParametersInvalid, PeerBusy, PeerError, PeerRefused
from ocpi.core.fields import parse_moment
from ocpi.core.modules import STORERS, Arrival
from ocpi.core.sweeping import SWEEPERS, Sweep, key_of
from ocpi.models import PullSeen, PullState
from ocpi.selectors.partners import endpoint_address
from ocpi.services.outbox import partner_spare
from ocpi.services.partner_clients import partner_client
from ocpi.services.pull_states import LEASE, round_begin, round_forget

LIMIT: Final = 100
OVERLAP: Final = timedelta(hours=1)
"""So far before the newest object of the last round the next one begins: clocks differ, rows come late."""
DATE_FROM_REQUIRED: Final = frozenset({"sessions"})
FIRST: Final = timedelta(days=60)
"""So far back the first round goes where a start is required."""
EVERY: Final = timedelta(minutes=10)
FULL_EVERY: Final = timedelta(days=1)
PAUSES: Final = Pauses(timedelta(minutes=1), timedelta(hours=1))
MOST_PAGES: Final = 20_000
UNNAMED: Final = "?"
"""Stands for an object without an id among what a full round saw."""


@dataclass(slots=True)
class Kept:
    """What became of the objects of a page."""

    count: int = 0
    refused: int = 0
    fault: str = ""
    newest: datetime | None = None


def page_pull(*, state: PullState, now: datetime, line: Line | None = None) -> bool:
    """Read one page of a list that was claimed; True where the round goes on.

    `line` is a connection that may be open already. No transaction may be open. Whatever goes wrong is
    written to the state.
    """
    try:
        if not state.started_at:
            round_begin(state=state, url=_first_url(state, now), now=now)
        answer = partner_client(state.partner, now, line).call("GET", state.next_url, module=state.module)
        items = _items(answer)
    except (PeerError, DomainError) as error:
        _failed(state, error, now)
        return False
    kept = _keep(state, items, now)
    step = following(state.next_url, count=len(items), headers=answer.headers, total_before=state.total)
    _advance(state, step, kept, now)
    if step.url is not None and state.pages < MOST_PAGES:
        return True
    _finish(state, now)
    return False


def _first_url(state: PullState, now: datetime) -> str:
    endpoint = endpoint_address(state.partner, state.module, "SENDER")
    if endpoint is None:
        raise PeerRefused("The partner offers no such list.")
    since = None if state.wants_full or state.mark is None else state.mark - OVERLAP
    if since is None and state.module in DATE_FROM_REQUIRED:
        since = now - FIRST
    return with_query(endpoint, **({"date_from": stamp(since)} if since else {}), limit=LIMIT)


def _items(answer: PeerAnswer) -> list[Any]:
    if isinstance(answer.data, list):
        return answer.data
    if answer.data is None and answer.headers.get("x-total-count", "").strip() == "0":
        return []
    raise ParametersInvalid("The answer is no list.")


def _keep(state: PullState, items: list[Any], now: datetime) -> Kept:
    kept, keys = Kept(), []
    for item in items:
        try:
            keys.append(UNNAMED)
            keys[-1] = key_of(item, state.partner)
            STORERS[state.module](Arrival(state.partner, state.partner.version, item, now))
        except DomainError as error:
            kept.refused += 1
            kept.fault = kept.fault or error.message
        else:
            kept.count += 1
            kept.newest = _later(kept.newest, item)
    if state.is_full and state.module in SWEEPERS:
        PullSeen.objects.bulk_create(
            [PullSeen(state=state, key=key) for key in dict.fromkeys(keys)], ignore_conflicts=True
        )
    return kept


def _later(newest: datetime | None, item: Mapping[str, Any]) -> datetime | None:
    told = item.get("last_updated")
    moment = parse_moment(told) if isinstance(told, str) else None
    return max((each for each in (newest, moment) if each is not None), default=None)


def _advance(state: PullState, step: Step, kept: Kept, now: datetime) -> None:
    state.next_url, state.total = (step.url or "")[:1000], step.total
    state.pages, state.count = state.pages + 1, state.count + kept.count
    state.refused += kept.refused
    state.newest = max((each for each in (state.newest, kept.newest) if each), default=None)
    before = "" if state.failures else state.error
    state.error = (before or kept.fault or next(iter(step.faults), ""))[:255]
    state.failures, state.claimed_until = 0, now + LEASE
    state.save()


def _finish(state: PullState, now: datetime) -> None:
    if state.is_full:
        _sweep(state, now)
        state.last_full_at = now
    if state.newest is not None:
        state.mark = max(state.mark or state.newest, min(state.newest, now))
    state.last_at, state.last_count = now, state.count
    state.wants_full = state.last_full_at is None or now - state.last_full_at >= FULL_EVERY
    state.due_at, state.claimed_until = now + EVERY, None
    round_forget(state=state)


def _sweep(state: PullState, now: datetime) -> None:
    """End what was not seen; nothing where the list was not whole, or is empty."""
    state.last_swept = 0
    sweep = SWEEPERS.get(state.module)
    if sweep is None or state.started_at is None:
        return
    keys = PullSeen.objects.filter(state=state).values_list("key", flat=True)
    count, total = keys.count(), state.total or 0
    if not count and not total:
        state.error = state.error or _spared(sweep, state, now)
    elif count < total or not count:
        state.error = state.error or f"The list was not whole ({count} of {total}): nothing was ended."
    elif keys.filter(key=UNNAMED).exists():
        state.error = state.error or "An object of the list has no id: nothing was ended."
    else:
        state.last_swept = sweep(state.partner, keys, state.started_at, now)


def _spared(sweep: Sweep, state: PullState, now: datetime) -> str:
    """What an empty list would have ended: told, not done. '' where we hold nothing either."""
    with transaction.atomic():
        nothing = PullSeen.objects.none().values_list("key", flat=True)
        count = sweep(state.partner, nothing, state.started_at or now, now)
        transaction.set_rollback(True)
    return f"The partner's list is empty; the {count} that we have of it stay." if count else ""


def _failed(state: PullState, error: PeerError | DomainError, now: datetime) -> None:
    """Go on later: at the same page after trouble on the way, from the start after a refusal.

    Where the partner wants fewer requests that is no trouble.
    """
    if isinstance(error, PeerBusy):
        partner_spare(partner_id=state.partner_id, error=error, now=now)
        state.claimed_until, state.due_at = None, now + error.patience
        state.save()
        return
    state.failures += 1
    state.error, state.claimed_until = error.message[:255], None
    state.due_at = now + PAUSES.after(state.failures)
    stays = isinstance(error, PeerError) and error.transport and state.failures % 5
    if stays:
        state.save()
    else:
        round_forget(state=state)
