"""From meter values to price lines, in CPU time of one core and without a database.

Called by `manage.py shell`, which has set up Django. A typical session has 60 meter values and two time
bands. Beside it a no-op: the same loop over the same samples that does nothing with them.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from billing.selectors.sample import Sample
from billing.services.live_folds import LiveFold, folds_forget, folds_keep
from billing.services.periods import PeriodFold, PeriodState, period_open, session_periods
from billing.services.pricing import session_priced
from billing.services.rating import fold_all, totals
from billing.services.rating_fold import Fold
from billing.services.rating_state import RatingState
from billing.services.running_cost import running_costs_moved
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import TariffStructure
from central.models import Session
from central.ports import SessionMove
from central.selectors.session_marks import session_mark
from central.services.readings import Reading

START = datetime(2026, 10, 24, 19, 30, tzinfo=UTC)
VALUES = 60
MORE = 300
MINUTE = timedelta(minutes=1)
TARIFF = {
    "currency": "EUR",
    "elements": [
        {
            "price_components": [{"type": "ENERGY", "price": 0.20, "vat": 19, "step_size": 1}],
            "restrictions": {"start_time": "22:00", "end_time": "06:00"},
        },
        {
            "price_components": [
                {"type": "FLAT", "price": 0.50, "vat": 19, "step_size": 1},
                {"type": "ENERGY", "price": 0.25, "vat": 19, "step_size": 1},
                {"type": "PARKING_TIME", "price": 2, "vat": 19, "step_size": 60},
            ]
        },
    ],
}


def samples(count: int = VALUES, start: datetime = START) -> list[Sample]:
    """What a charge point told: its register and power every minute."""
    return [Sample(start + number * MINUTE, 1000 + 180 * number, 10_800) for number in range(1, count + 1)]


def rate_session(tariff: TariffStructure, told: Sequence[Sample]) -> list[dict[str, Any]]:
    """From meter values to the lines of a CDR."""
    total = (told[-1].register_wh or 0) - 1000
    periods = session_periods(
        started_at=START, ended_at=told[-1].at, register_wh=1000, total_wh=total, samples=told
    )
    return [line.as_json() for line in session_priced(tariff, periods).rating.lines]


def rate_nothing(_tariff: TariffStructure, told: Sequence[Sample]) -> int:
    """The no-op: looks at every sample."""
    return sum(1 for sample in told if sample.register_wh)


def cpu_us(work: Callable[[], object], times: int) -> float:
    """CPU time of one call in microseconds."""
    begun = time.process_time()
    for _number in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6


def running_us(tariff: TariffStructure, before: int) -> float:
    """CPU time of one more meter value after `before` of them: both folds go on, and the cost is told."""
    told = samples(before + MORE)
    state, opened = period_open(START, 1000)
    periods, rating = PeriodFold(state), Fold(tariff, fold_all(tariff, RatingState(), opened))
    for sample in told[:before]:
        for period in periods.add(sample):
            rating.add(period)
    begun = time.process_time()
    for sample in told[before:]:
        for period in periods.add(sample):
            rating.add(period)
        totals(tariff, rating.usages, begun=rating.begun)
    return (time.process_time() - begun) / MORE * 1e6


def moved_us(tariff: TariffStructure, before: int, sessions: int = 20) -> float:
    """CPU time of one more meter value on its whole way: a batch of events hands over what it read."""
    rows = [Session(pk=pk, started_at=START, meter_start_wh=1000, state="active") for pk in range(sessions)]
    folds = [LiveFold.opened(row, tariff) for row in rows]
    for fold, row in zip(folds, rows, strict=True):
        fold.feed(samples(before), session_mark(row))
        fold.unstored = -MORE * 2  # nothing is put away: there is no database
    folds_keep(folds)
    batches = [_batch(rows, before + number) for number in range(1, MORE + 1)]
    begun = time.process_time()
    for batch in batches:
        running_costs_moved(batch)
    taken = time.process_time() - begun
    folds_forget()
    return taken / MORE / sessions * 1e6


def _batch(rows: list[Session], number: int) -> list[SessionMove]:
    """Each session moved on by a register reading and a state; `rows` are the sessions after it."""
    moves = []
    at = START + number * MINUTE
    for place, row in enumerate(rows):
        after = copy(row)
        after.updated_at = after.meter_last_at = at
        after.meter_last_wh, after.energy_wh = 1000 + 180 * number, 180 * number
        reading = Reading(at, register_wh=after.meter_last_wh, power_w=10_800)
        moves.append(SessionMove(after, session_mark(row), [reading], at, "Charging"))
        rows[place] = after
    return moves


def kept_us(tariff: TariffStructure, before: int) -> float:
    """CPU time of putting a running session away as JSON and taking it up again, once for an answer."""
    state, opened = period_open(START, 1000)
    periods, rating = PeriodFold(state), Fold(tariff, fold_all(tariff, RatingState(), opened))
    for sample in samples(before):
        for period in periods.add(sample):
            rating.add(period)

    def keep() -> None:
        kept = json.dumps({"periods": periods.state.as_json(), "rating": rating.state.as_json()})
        read = json.loads(kept)
        PeriodState.from_json(read["periods"])
        RatingState.from_json(read["rating"])

    return cpu_us(keep, MORE)


def figures(sessions: int) -> dict[str, float]:
    """All that is measured."""
    tariff, told = tariff_parse(TARIFF, time_zone="Europe/Berlin"), samples()
    rate_session(tariff, told)
    session_us = cpu_us(lambda: rate_session(tariff, told), sessions)
    return {
        "session_us": session_us,
        "sessions_per_minute": 60e6 / session_us,
        "noop_session_us": cpu_us(lambda: rate_nothing(tariff, told), sessions),
        "value_10_us": min(running_us(tariff, 10) for _run in range(5)),
        "value_1000_us": min(running_us(tariff, 1000) for _run in range(5)),
        "moved_10_us": min(moved_us(tariff, 10) for _run in range(3)),
        "moved_1000_us": min(moved_us(tariff, 1000) for _run in range(3)),
        "kept_10_us": min(kept_us(tariff, 10) for _run in range(5)),
        "kept_1000_us": min(kept_us(tariff, 1000) for _run in range(5)),
    }


def main(sessions: int = 2000) -> None:
    """Measure and print the figures as JSON."""
    sys.stdout.write(json.dumps(figures(sessions)) + "\n")
