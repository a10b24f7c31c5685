"""A tariff tried on a session: totals, cost lines for each period and dimension, and the reason for each.

The same fold as everywhere else; only here its pieces are kept, to show how a price came about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.services.cdr_parsing import ToldSession, cdr_parse, session_length
from billing.services.rating import (
    Line,
    Rating,
    is_parking_fee,
    limit_lines,
    settle,
    step_extras,
    usage_line,
)
from billing.services.rating_fold import Fold, Piece
from billing.services.rating_state import ZERO, Period, RatingState
from billing.services.rating_terms import RESERVATION, RESERVATION_FEE
from billing.services.summaries import element_words, line_reason
from billing.services.tariff_clock import is_clocked
from billing.services.tariff_lint import tariff_lint
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import ComponentRef, Dimension, TariffStructure, number
from emobility.lib.errors import DomainError, Invalid
from emobility.lib.money import amount4

MOST_WORK = 500_000
"""What takes a few seconds: anybody may ask, and a wrong year in a CDR would take hours."""
HOUR, KWH = Decimal(3600), Decimal(1000)
SIX_PLACES = Decimal("0.000001")
UNITS = {Dimension.ENERGY.value: ("kWh", KWH), Dimension.FLAT.value: ("session", Decimal(1))}
FIXED, PARKING = "total_fixed_cost", "total_parking_cost"
TOTALS = {
    Dimension.FLAT.value: FIXED,
    Dimension.ENERGY.value: "total_energy_cost",
    Dimension.TIME.value: "total_time_cost",
    Dimension.PARKING_TIME.value: PARKING,
    RESERVATION: "total_reservation_cost",
    RESERVATION_FEE: "total_reservation_cost",
}


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A price line of one piece of a session (None: of the whole session, for a limit)."""

    line: Line
    piece: int | None


@dataclass(frozen=True, slots=True)
class Priced:
    """A session with its price: what it comes to, its pieces, and the lines of each piece."""

    tariff: TariffStructure
    rating: Rating
    pieces: tuple[Piece, ...]
    lines: tuple[PricedLine, ...]


def session_priced(tariff: TariffStructure, periods: Iterable[Period], slack_s: Decimal = ZERO) -> Priced:
    """Price a session and keep how: the lines' exact sums are those of `rate`."""
    fold = Fold(tariff, RatingState())
    pieces = merged([piece for period in periods for piece in fold.add(period)])
    state = fold.state
    extras = step_extras(tariff, state.usages, slack_s)
    last = {ref: number for number, piece in enumerate(pieces) for ref, _quantity in piece.uses}
    lines = [
        PricedLine(
            usage_line(tariff, ref, quantity, extras.get(ref, ZERO) if last[ref] == number else ZERO), number
        )
        for number, piece in enumerate(pieces)
        for ref, quantity in piece.uses
    ]
    limits = limit_lines(tariff, [each.line for each in lines], begun=state.started_at is not None)
    lines += [PricedLine(line, None) for line in limits]
    return Priced(tariff, settle(tariff, state, slack_s), tuple(pieces), tuple(lines))


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """The same pieces with neighbours that one set of prices covers as one; an empty one joins its next."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and _joins(groups[-1], piece):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [_joined(group) for group in groups]


def cdr_priced(*, tariff: Any, cdr: Any, time_zone: str = "", lint: bool = False) -> dict[str, Any]:
    """What a CDR comes to by a tariff, as one JSON object; both as OCPI (any version) has them.

    Raises Invalid; its `fields` name the faults as `tariff.elements.0...` and `cdr.charging_periods.0...`.
    """
    faults: dict[str, str] = {}
    session = _part(faults, "cdr", lambda: cdr_parse(cdr, time_zone=time_zone))
    zone = session.time_zone if session is not None else "UTC"
    structure = _part(faults, "tariff", lambda: tariff_parse(tariff, time_zone=zone))
    if session is not None and structure is not None and session.currency != structure.currency:
        faults["cdr.currency"] = _("The tariff is in {currency}.").format(currency=structure.currency)
    if session is not None and structure is not None and _work(structure, session) > MOST_WORK:
        faults["cdr"] = _("So long a session by so many elements cannot be tried.")
    if faults or session is None or structure is None:
        raise Invalid(_("This cannot be priced."), fields=faults)
    body = priced_json(session_priced(structure, session.periods, session.slack_s), session)
    if lint:
        body["lint"] = [each.as_json() for each in tariff_lint(structure)]
    plain: dict[str, Any] = as_plain(body)
    return plain


def _work(tariff: TariffStructure, session: ToldSession) -> int:
    """About how often an element is asked whether it matches: in each period, and where the clock cuts it."""
    rules = [each.restrictions for each in tariff.elements if is_clocked(each.restrictions)]
    times = {each for rule in rules for each in (rule.start_time, rule.end_time)}
    cuts = ((session.end - session.start).days + 1) * (len(times) + 1) if rules else 0
    return (len(session.periods) + 2 * cuts) * len(tariff.elements)


def as_plain(value: Any) -> Any:
    """The same with Decimals as JSON numbers and times as OCPI writes them."""
    if isinstance(value, dict):
        return {name: as_plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_plain(part) for part in value]
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _part(faults: dict[str, str], name: str, parse: Any) -> Any:
    try:
        return parse()
    except DomainError as refused:
        for field, fault in refused.fields.items():
            faults["time_zone" if field == "time_zone" else _path(name, field)] = fault
    return None


def _path(name: str, field: str) -> str:
    return name if field == name else f"{name}.{field}"


def priced_json(priced: Priced, session: ToldSession) -> dict[str, Any]:
    """The outcome: money with four decimals, energy in kWh, times in hours."""
    total = sum((period.energy_wh for period in session.periods), ZERO)
    parked = sum((period.parking_time_s for period in session.periods), ZERO)
    length = Decimal(str(session_length(session).total_seconds()))
    return {
        "currency": priced.rating.currency,
        "total_cost": _price(priced.rating.total_excl, priced.rating.total_incl),
        **totals(priced),
        "total_energy": amount4(total / KWH),
        "total_time": amount4(length / HOUR),
        "total_parking_time": amount4(parked / HOUR),
        "lines": [line_json(priced, each) for each in priced.lines],
        "warnings": _warnings(priced.tariff, session),
    }


def totals(priced: Priced) -> dict[str, dict[str, Decimal]]:
    """The cost of each kind, exact sums rounded once; a flat fee of a parking element is parking's."""
    found = costs_by_kind(priced.tariff, [each.line for each in priced.lines])
    return {name: _price(*found.get(name, (ZERO, ZERO))) for name in dict.fromkeys(TOTALS.values())}


def costs_by_kind(tariff: TariffStructure, lines: Iterable[Line]) -> dict[str, tuple[Decimal, Decimal]]:
    """The cost of each kind that is priced, by the name of its OCPI total; exact sums rounded once."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for each in lines:
        name = total_name(tariff, each)
        if name is not None:
            excl, incl = sums.get(name, (ZERO, ZERO))
            sums[name] = excl + each.excl, incl + each.incl
    return {name: (amount4(excl), amount4(incl)) for name, (excl, incl) in sums.items()}


def total_name(tariff: TariffStructure, line: Line) -> str | None:
    """Which of the totals a line is part of; None for a limit, which is of the whole alone."""
    name = TOTALS.get(line.dimension)
    return PARKING if name == FIXED and is_parking_fee(tariff, line.element or 0) else name


def line_json(priced: Priced, each: PricedLine) -> dict[str, Any]:
    """One cost line: when, what, how much of it, at which price, and why."""
    line = each.line
    unit, size = UNITS.get(line.dimension, ("h", HOUR))
    if line.dimension == RESERVATION_FEE or line.unit_price is None:
        unit, size = "session", Decimal(1)
    period = priced.pieces[each.piece].period if each.piece is not None else None
    return {
        "period": each.piece,
        "start_date_time": period.start if period else None,
        "end_date_time": period.end if period else None,
        "dimension": line.dimension,
        "part_of": total_name(priced.tariff, line) or "total_cost",
        "element": line.element,
        "unit": unit,
        "quantity": (line.quantity / size).quantize(SIX_PLACES),
        "billed": (line.billed / size).quantize(SIX_PLACES),
        "unit_price": line.unit_price,
        "vat": line.vat,
        "step_size": line.step_size,
        "excl_vat": amount4(line.excl),
        "incl_vat": amount4(line.incl),
        "reason": line.reason.value,
        "why": line_why(priced.tariff, line),
    }


def line_why(tariff: TariffStructure, line: Line) -> str:
    """The reason of a line in a sentence, with the condition of its element."""
    return line_reason(line.as_json(), tariff.currency, element_words(tariff, line.element))


def _warnings(tariff: TariffStructure, session: ToldSession) -> list[str]:
    if tariff.covers(session.start):
        return []
    return [_("The tariff was not valid when the session began.")]


def _price(excl: Decimal, incl: Decimal) -> dict[str, Decimal]:
    return {"excl_vat": excl, "incl_vat": incl}


def _is_moment(period: Period) -> bool:
    """True for the empty period at the start of a session, at which a fee is due."""
    return period.start == period.end and not (
        period.energy_wh or period.time_s or period.parking_time_s or period.reservation_s
    )


def _joins(group: list[Piece], piece: Piece) -> bool:
    """True where a piece is of the same kind and conditions as those before it.

    The same prices do not suffice: priced again from what is kept, a longer period could meet others.
    """
    one, other = group[-1].period, piece.period
    if one.expired != other.expired:
        return False
    if len(group) == 1 and _is_moment(one) and one.reserves == other.reserves:
        return not group[0].uses or group[0].active == piece.active
    return (
        group[-1].active == piece.active
        and bool(one.time_s) == bool(other.time_s)
        and bool(one.parking_time_s) == bool(other.parking_time_s)
        and bool(one.reservation_s) == bool(other.reservation_s)
    )


def _joined(group: list[Piece]) -> Piece:
    if len(group) == 1:
        return group[0]
    periods = [piece.period for piece in group]
    uses: dict[ComponentRef, Decimal] = {}
    for piece in group:
        for ref, quantity in piece.uses:
            uses[ref] = uses.get(ref, ZERO) + quantity
    last = group[-1]
    period = last.period._replace(
        start=periods[0].start,
        energy_wh=sum((each.energy_wh for each in periods), ZERO),
        time_s=sum((each.time_s for each in periods), ZERO),
        parking_time_s=sum((each.parking_time_s for each in periods), ZERO),
        reservation_s=sum((each.reservation_s for each in periods), ZERO),
        min_power=_extreme(min, [each.min_power for each in periods]),
        max_power=_extreme(max, [each.max_power for each in periods]),
        min_current=_extreme(min, [each.min_current for each in periods]),
        max_current=_extreme(max, [each.max_current for each in periods]),
    )
    return Piece(period, tuple(uses.items()), last.active)


def _extreme(choose: Any, values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None
