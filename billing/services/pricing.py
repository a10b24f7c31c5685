"""A tariff tried on a session: totals, cost lines for each period and dimension, and the reason for each.

The same fold as everywhere else; only here its pieces are kept, to show how a price came about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.services.cdr_parsing import ToldSession, cdr_parse, session_length
from billing.services.rating import (
    RESERVATION,
    RESERVATION_FEE,
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
from billing.services.summaries import element_words, line_reason
from billing.services.tariff_lint import tariff_lint
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import Dimension, TariffStructure, number
from emobility.lib.errors import DomainError, Invalid
from emobility.lib.money import amount4

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
    found: list[Piece] = []
    for piece in pieces:
        if found and _joins(found[-1], piece):
            found[-1] = _joined(found[-1], piece)
        else:
            found.append(piece)
    return found


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
    if faults or session is None or structure is None:
        raise Invalid(_("This cannot be priced."), fields=faults)
    body = priced_json(session_priced(structure, session.periods, session.slack_s), session)
    if lint:
        body["lint"] = [each.as_json() for each in tariff_lint(structure)]
    plain: dict[str, Any] = as_plain(body)
    return plain


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
    sums = dict.fromkeys(dict.fromkeys(TOTALS.values()), (ZERO, ZERO))
    for each in (each.line for each in priced.lines):
        name = total_name(priced.tariff, each)
        if name is not None:
            sums[name] = (sums[name][0] + each.excl, sums[name][1] + each.incl)
    return {name: _price(amount4(excl), amount4(incl)) for name, (excl, incl) in sums.items()}


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


def _kinds(period: Period) -> tuple[bool, bool, bool]:
    return bool(period.time_s), bool(period.parking_time_s), bool(period.reservation_s)


def _joins(one: Piece, other: Piece) -> bool:
    """True where two pieces are priced alike, or the first is the empty moment at the start."""
    if one.period.expired != other.period.expired:
        return False
    if one.period.start == one.period.end and not any(one.period[2:6]):
        return one.period.reserves == other.period.reserves
    return one.active == other.active and _kinds(one.period) == _kinds(other.period)


def _joined(one: Piece, other: Piece) -> Piece:
    first, last = one.period, other.period
    uses = dict(one.uses)
    for ref, quantity in other.uses:
        uses[ref] = uses.get(ref, ZERO) + quantity
    period = last._replace(
        start=first.start,
        energy_wh=first.energy_wh + last.energy_wh,
        time_s=first.time_s + last.time_s,
        parking_time_s=first.parking_time_s + last.parking_time_s,
        reservation_s=first.reservation_s + last.reservation_s,
        min_power=_extreme(min, first.min_power, last.min_power),
        max_power=_extreme(max, first.max_power, last.max_power),
        min_current=_extreme(min, first.min_current, last.min_current),
        max_current=_extreme(max, first.max_current, last.max_current),
    )
    return Piece(period, tuple(uses.items()), other.active)


def _extreme(choose: Any, one: Decimal | None, other: Decimal | None) -> Decimal | None:
    values = [value for value in (one, other) if value is not None]
    return choose(values) if values else None


def with_zone(tariff: TariffStructure, zone: str) -> TariffStructure:
    """The tariff in the local time of another place."""
    return tariff if tariff.time_zone == zone else replace(tariff, time_zone=zone, memo={})
