"""What a CDR says: worked out from an ended session, its samples and the tariff it began with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Cdr, SessionRating, TariffVersion
from billing.models.cdr import CdrKind
from billing.selectors.samples import samples_since
from billing.selectors.signed_data import signed_values
from billing.services.large_amounts import is_large
from billing.services.periods import periods_merged
from billing.services.pricing import costs_by_kind, session_priced
from billing.services.rating import Rating
from billing.services.rating_state import Period
from billing.services.reservation_periods import reserved_before
from billing.services.session_ratings import (
    ended_session_periods,
    rating_is_outdated,
    session_ratings_open,
    session_zone,
)
from billing.services.tariffs import version_ocpi, version_structure
from central.models import Session, SessionCost, Settlement
from central.services.reservation_sessions import is_reservation_alone
from emobility.lib.money import round_minor

NO_TARIFF = "no_tariff"
PROVISIONAL_END = "provisional_end"
ABSURD_AMOUNT = "absurd_amount"
LARGE_AMOUNT = "large_amount"
COST_DEVIATES = "charge_point_cost_differs"
SETTLEMENT_DIFFERS = "settlement_differs"
CHANGED_AFTER_DECISION = "changed_after_decision"
LARGEST_AMOUNT = Decimal(1_000_000_000)
LARGEST_SECONDS = 2**31 - 1
QUANTITIES = ("energy_wh", "time_s", "parking_time_s")
FLOWS = ("min_power", "max_power", "min_current", "max_current")
COSTS = {
    "total_fixed_cost": "fixed",
    "total_energy_cost": "energy",
    "total_time_cost": "time",
    "total_parking_cost": "parking",
    "total_reservation_cost": "reservation",
}


@dataclass(frozen=True, slots=True)
class Making:
    """Which CDR of its session it is. `seen`: a person looked, so that only the absurd is held."""

    cdr_id: str
    kind: CdrKind = CdrKind.ORIGINAL
    replaces: Cdr | None = None
    basis: str = ""
    seen: bool = False
    doubts: tuple[str, ...] = ()


def cdr_basis(session: Session) -> str:
    """A print of what a session says that a CDR depends on: another one means that it was corrected."""
    said: tuple[object, ...] = (
        session.started_at,
        session.ended_at,
        session.meter_start_wh,
        session.energy_wh,
        session.provisional_end,
        sorted(session.review_reasons),
    )
    if reserved := reserved_before([session]):
        said += (reserved[session.pk][0].start, reserved[session.pk][0].end)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def cdr_make(session: Session, making: Making, now: datetime) -> Cdr:
    """Make and store the CDR of an ended, locked session; in what it says a repair may already stand."""
    row = _session_rating(session)
    version = row.tariff_version
    samples = samples_since([session], {session.pk: None})
    rating, periods = _rated(session, version, ended_session_periods(session, samples[session.pk]))
    reasons = [*_review_reasons(session, version, rating), *making.doubts]
    excl, incl = (
        (Decimal(0), Decimal(0)) if ABSURD_AMOUNT in reasons else (rating.total_excl, rating.total_incl)
    )
    rating_settle(row, rating.currency, excl, incl, session.ended_at or session.started_at)
    return Cdr.objects.create(
        organization=session.organization,
        session=session,
        cdr_id=making.cdr_id,
        kind=making.kind,
        replaces=making.replaces,
        basis=making.basis,
        tariff_version=version,
        currency=rating.currency,
        total_cost_excl=excl,
        total_cost_incl=incl,
        costs=_costs(version, rating),
        tariff=version_ocpi(version) if version is not None else None,
        periods=[_period_json(period) for period in periods],
        lines=[line.as_json() for line in rating.lines],
        signed_data=signed_values(session),
        needs_review=_is_held(session, reasons, seen=making.seen),
        review_reasons=reasons,
        created_at=now,
        **_quantities(session, periods),
    )


def _rated(
    session: Session, version: TariffVersion | None, periods: Sequence[Period]
) -> tuple[Rating, Sequence[Period]]:
    """The price, and the periods cut where it changes; without a tariff nothing in our own currency."""
    if version is None:
        return Rating(session.organization.currency, ()), periods_merged(periods)
    priced = session_priced(version_structure(version, session_zone(session)), periods)
    return priced.rating, [piece.period for piece in priced.pieces]


def _session_rating(session: Session) -> SessionRating:
    """The session's rating row; where no tariff was in force, or for another tag, it is looked for anew."""
    rows = SessionRating.objects.select_related("tariff_version__tariff__organization")
    row = rows.filter(session=session).first()
    if row is not None and rating_is_outdated(row, session):
        row.delete()
        row = None
    return row or session_ratings_open(sessions=[session])[session.pk]


def rating_settle(row: SessionRating, currency: str, excl: Decimal, incl: Decimal, until: datetime) -> None:
    """Keep with the session what its CDR came to."""
    row.currency, row.amount_excl, row.amount_incl = currency, excl, incl
    row.rated_until, row.state, row.settled = until, {}, True
    row.save()


def _quantities(session: Session, periods: Sequence[Period]) -> dict[str, Any]:
    """When it was, from its reservation on (OCPI 2.2.1 §10.3.1), and how much: its time without that."""
    ended_at = max(session.started_at, session.ended_at or session.started_at)
    alone = is_reservation_alone(session.flags)
    took = timedelta(0) if alone else ended_at - session.started_at
    parked = sum((period.parking_time_s for period in periods), Decimal(0))
    return {
        "started_at": min([session.started_at, *(each.start for each in periods if each.reserves)]),
        "ended_at": ended_at,
        "energy_wh": session.energy_wh,
        "total_time_s": min(took // timedelta(seconds=1), LARGEST_SECONDS),
        "parking_time_s": min(int(parked), LARGEST_SECONDS),
    }


def _is_held(session: Session, reasons: Sequence[str], *, seen: bool) -> bool:
    return ABSURD_AMOUNT in reasons if seen else session.needs_review or bool(reasons)


def _review_reasons(session: Session, version: TariffVersion | None, rating: Rating) -> list[str]:
    """Why a person has to look first: what central found, and what the money adds."""
    absurd = max(rating.total_excl, rating.total_incl) > LARGEST_AMOUNT
    own = {
        PROVISIONAL_END: session.provisional_end and not session.review_reasons,
        NO_TARIFF: version is None,
        ABSURD_AMOUNT: absurd,
        LARGE_AMOUNT: not absurd and is_large(rating.total_incl, rating.currency),
        COST_DEVIATES: version is not None and _deviates(session, rating),
        SETTLEMENT_DIFFERS: settled_otherwise(session, rating.total_incl, rating.currency),
    }
    return [*session.review_reasons, *(reason for reason, holds in own.items() if holds)]


def _deviates(session: Session, rating: Rating) -> bool:
    """True where the charge point told its driver another amount at the end (2.1 I12) than we bill."""
    if session.ocpp_version != "2.1":
        return False
    theirs = SessionCost.objects.filter(session=session, is_final=True, failed=False).first()
    if theirs is None:
        return False
    pairs = ((theirs.total_incl, rating.total_incl), (theirs.total_excl, rating.total_excl))
    told = next((pair for pair in pairs if pair[0] is not None), None)
    if told is None or told[0] is None:
        return False
    amounts = [round_minor(amount, rating.currency) for amount in (told[0], told[1])]
    return theirs.currency != rating.currency or amounts[0] != amounts[1]


def settled_otherwise(session: Session, amount: Decimal, currency: str) -> bool:
    """True where the payment terminal settled another amount incl. VAT than this (2.1 C21)."""
    if session.ocpp_version != "2.1":
        return False
    settled = Settlement.objects.filter(session=session, status="Settled").values_list("amount", flat=True)
    amounts = list(settled)
    return bool(amounts) and round_minor(sum(amounts, Decimal(0)), currency) != round_minor(amount, currency)


def _costs(version: TariffVersion | None, rating: Rating) -> dict[str, dict[str, str]]:
    """By kind what it costs; only what the tariff priced."""
    if version is None:
        return {}
    found = costs_by_kind(version_structure(version), rating.lines)
    return {
        COSTS[name]: {"excl_vat": str(found[name][0]), "incl_vat": str(found[name][1])}
        for name in COSTS
        if name in found
    }


def _period_json(period: Period) -> dict[str, str]:
    """A period with its quantities, and what flowed where it was measured or the tariff depends on it."""
    flows = {name: value for name in FLOWS if (value := getattr(period, name)) is not None}
    quantities = {name: getattr(period, name) for name in QUANTITIES}
    if period.reserves:
        quantities["reservation_time_s"] = period.reservation_s
    return {
        "start_date_time": period.start.isoformat(),
        "end_date_time": period.end.isoformat(),
        **{name: f"{value.normalize():f}" for name, value in (quantities | flows).items()},
    }
