"""Random tariffs and sessions: the engine agrees with the simple calculator, however the session is cut.

RATING_SESSIONS says how many sessions (200); RATING_SEED where they begin.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from billing.services.pricing import session_priced
from billing.services.rating import fold, fold_all, rate, settle, totals
from billing.services.rating_state import Period, RatingState
from billing.services.tariff_parsing import tariff_parse
from emobility.lib.money import amount4
from tests.billing.rating_cases import element, part
from tests.billing.simple_calculator import DAYS, Tick, simple_total

SESSIONS = int(os.environ.get("RATING_SESSIONS", "200"))
SEED = int(os.environ.get("RATING_SEED", "1"))
BATCHES = max(4, SESSIONS // 100)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
STARTS = (
    datetime(2026, 10, 24, 18, tzinfo=UTC),
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 11, 1, 2, tzinfo=UTC),
    datetime(2026, 4, 4, 12, tzinfo=UTC),
    datetime(2026, 12, 31, 20, tzinfo=UTC),
)
UNIT_WH = 300
RATES = (10, 20, 30, 50, 60, 100, 150, 300)
TIMES = ("00:00", "01:30", "02:00", "02:30", "03:00", "06:00", "12:00", "17:00", "22:00")
DATES = ("2026-03-29", "2026-04-05", "2026-10-25", "2026-11-01", "2027-01-01")
Stretch = tuple[int, int, str, Decimal | None, Decimal | None]


def random_tariff(rng: Random) -> dict[str, Any]:
    """A tariff of one to five elements, anything from free to full of conditions."""
    body: dict[str, Any] = {
        "currency": "EUR",
        "elements": [_element(rng) for _number in range(rng.randint(1, 5))],
        "tax_included": rng.choice(("NO", "NO", "YES", "N/A")),
    }
    for name, low, high in (("min_price", 0, 3), ("max_price", 5, 30)):
        if rng.random() < 0.2:
            excl = Decimal(rng.randint(low * 100, high * 100)) / 100
            body[name] = {"excl_vat": str(excl), "incl_vat": str(excl * Decimal("1.19"))}
    return body


def _element(rng: Random) -> dict[str, Any]:
    rules = _rules(rng)
    kinds = ["FLAT", "TIME"] if "reservation" in rules else ["FLAT", "ENERGY", "TIME", "PARKING_TIME"]
    chosen = rng.sample(kinds, rng.randint(1, len(kinds)))
    return element(*(_part(rng, kind) for kind in chosen), **rules)


def _part(rng: Random, kind: str) -> dict[str, Any]:
    price = rng.randint(0, 30_000) / 10_000
    vat = rng.choice((None, 0, 5.2, 19, 20))
    return part(kind, price, vat, rng.choice((1, 1, 60, 100, 300, 500, 700, 900, 1800)))


def _rules(rng: Random) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    if rng.random() < 0.15:
        rules["reservation"] = rng.choice(("RESERVATION", "RESERVATION_EXPIRES"))
    if rng.random() < 0.4:
        rules |= {name: rng.choice(TIMES) for name in ("start_time", "end_time") if rng.random() < 0.8}
    if rng.random() < 0.2:
        rules["day_of_week"] = rng.sample(DAYS, rng.randint(1, 6))
    if rng.random() < 0.1:
        rules[rng.choice(("start_date", "end_date"))] = rng.choice(DATES)
    ranges: dict[str, Any] = {
        "kwh": [Fraction(3 * number, 10) for number in range(1, 60)],
        "duration": range(0, 30_000, 300),
        "power": [Fraction(number, 2) for number in range(1, 40)],
        "current": range(1, 90),
    }
    for name, values in ranges.items():
        if rng.random() < 0.15:
            low, high = sorted(rng.sample(list(values), 2))
            whole = name == "duration"
            ends = {f"min_{name}": low, f"max_{name}": high}
            kept = {key: int(end) if whole else float(end) for key, end in ends.items() if rng.random() < 0.7}
            rules |= kept
    return rules


def random_stretches(rng: Random) -> list[Stretch]:
    """(minutes, Wh a minute, kind, power, current), one after the other."""
    found: list[Stretch] = []
    if rng.random() < 0.15:
        found.append((rng.randint(1, 90), 0, "RESERVATION", None, None))
        if rng.random() < 0.3:
            return found
    for _number in range(rng.randint(1, 6)):
        if rng.random() < 0.3:
            found.append((rng.randint(1, 120), 0, "PARKING_TIME", None, None))
            continue
        rate_wh = rng.choice(RATES)
        minutes = rng.randint(1, 4 if rate_wh < 30 else 12) * UNIT_WH // rate_wh
        measured = rng.random() < 0.4
        power = Decimal(rng.randint(0, 40)) / 2 if measured else None
        current = Decimal(rng.randint(0, 90)) if measured else None
        found.append((minutes, rate_wh, "TIME", power, current))
    return found


def ticks(start: datetime, stretches: list[Stretch]) -> Iterator[Tick]:
    """The session minute by minute."""
    at = start
    for minutes, rate_wh, kind, power, current in stretches:
        flow = Fraction(power) if power is not None else Fraction(rate_wh * 60, 1000)
        amps = Fraction(current) if current is not None else flow * 1000 / 230
        for _minute in range(minutes):
            yield Tick(at, 60, rate_wh, kind, flow, amps)
            at += timedelta(minutes=1)


def periods(rng: Random, start: datetime, stretches: list[Stretch]) -> list[Period]:
    """The same session as charging periods, each stretch cut at random."""
    found, at = [], start
    expired = all(kind == "RESERVATION" for _m, _r, kind, _p, _c in stretches)
    for minutes, rate_wh, kind, power, current in stretches:
        cuts = sorted({0, minutes, *(rng.randint(0, minutes) for _cut in range(rng.randint(0, 3)))})
        for begun, until in pairwise(cuts):
            time = Decimal(60 * (until - begun))
            quantity = {"TIME": "time_s", "PARKING_TIME": "parking_time_s", "RESERVATION": "reservation_s"}[
                kind
            ]
            amount: dict[str, Any] = {quantity: time}
            found.append(
                Period(
                    at + timedelta(minutes=begun),
                    at + timedelta(minutes=until),
                    Decimal(rate_wh * (until - begun)),
                    **amount,
                    expired=expired,
                    min_power=power,
                    max_power=power,
                    min_current=current,
                    max_current=current,
                )
            )
        at += timedelta(minutes=minutes)
    return found


@pytest.mark.parametrize("batch", range(BATCHES))
def test_engine_agrees_with_the_simple_calculator(batch):
    """I4, F15: totals equal to the last of four decimals; the fold resumed midway and the lines agree too."""
    for number in range(batch, SESSIONS, BATCHES):
        rng = Random(SEED * 1_000_003 + number)
        given, zone = random_tariff(rng), rng.choice(ZONES)
        start = rng.choice(STARTS) + timedelta(minutes=rng.randint(0, 900))
        stretches = random_stretches(rng)
        tariff = tariff_parse(given, time_zone=zone)
        cut = periods(rng, start, stretches)
        rating = rate(tariff, cut)
        wanted = simple_total(given, list(ticks(start, stretches)), zone)
        told = f"session {number}, seed {SEED}: {json.dumps(given)} {zone} {start} {stretches}"
        assert (rating.total_excl, rating.total_incl) == wanted, told
        assert resumed(rng, tariff, cut) == rating, told
        state = fold_all(tariff, RatingState(), cut)
        assert totals(tariff, state.usages, begun=state.started_at is not None) == wanted, told
        priced = session_priced(tariff, cut)
        assert priced.rating == rating, told
        assert amount4(sum((each.line.excl for each in priced.lines), Decimal(0))) == rating.total_excl, told
        stored = rate(tariff, [piece.period for piece in priced.pieces])
        assert (stored.total_excl, stored.total_incl) == wanted, told


def resumed(rng: Random, tariff: Any, cut: list[Period]) -> Any:
    """The rating of a fold that was put away as JSON somewhere midway."""
    state, where = RatingState(), rng.randint(0, len(cut))
    for index, period in enumerate(cut):
        if index == where:
            state = RatingState.from_json(json.loads(json.dumps(state.as_json())))
        state = fold(tariff, state, period)
    return settle(tariff, state)
