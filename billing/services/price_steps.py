"""The price of one session step by step: when which part of its tariff counted, and what that added."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from billing.models import Cdr, TariffVersion
from billing.models.cdr import CdrKind
from billing.selectors.sample import Sample
from billing.selectors.samples import samples_since
from billing.selectors.session_ratings import session_rating
from billing.services.pricing import Priced, line_why, session_priced
from billing.services.rating_state import ZERO, Period
from billing.services.session_ratings import ended_session_periods, session_zone
from billing.services.summaries import line_name
from billing.services.tariffs import version_structure
from central.models import Session
from central.models.session import SessionState
from central.ports import PriceStep, PriceSteps
from central.services.reservation_sessions import is_reservation_alone

MOST_SAMPLES: Final = 12_000
"""A session without a CDR and with more samples is not priced anew for each look at its page."""
FLOWS: Final = ("min_power", "max_power", "min_current", "max_current")


def session_price_steps(session: Session) -> PriceSteps:
    """The steps of a session that was read with its site and organisation; three statements at most.

    Of an ended one from the periods of its latest CDR that is no credit; without one from its samples so far.
    """
    if session.state == SessionState.ENDED:
        bills = Cdr.objects.filter(session=session).exclude(kind=CdrKind.CREDIT)
        bill = bills.select_related("tariff_version__tariff").defer("lines", "tariff", "signed_data").first()
        if bill is not None:
            return _told(session, bill.tariff_version, _billed(session, bill))
    rating = session_rating(session)
    version = rating.tariff_version if rating is not None else None
    if version is None:
        return PriceSteps()
    samples = samples_since([session], {session.pk: None})[session.pk]
    if len(samples) > MOST_SAMPLES:
        return PriceSteps(tariff=_name(version), too_long=True)
    return _told(session, version, _so_far(session, samples))


def _so_far(session: Session, samples: Sequence[Sample]) -> Sequence[Period]:
    """The periods until the end, or until the latest that is known."""
    latest = samples[-1].at if samples else session.started_at
    return ended_session_periods(session, samples, until=latest)


def _told(session: Session, version: TariffVersion | None, periods: Iterable[Period]) -> PriceSteps:
    if version is None:
        return PriceSteps()
    priced = session_priced(version_structure(version, session_zone(session)), periods)
    return PriceSteps(tuple(_steps(priced)), _name(version))


def _steps(priced: Priced) -> Iterator[PriceStep]:
    """Each line at the beginning of its period, limits at the end; with the sum until there."""
    total = ZERO
    for each in priced.lines:
        line = each.line
        total += line.incl
        period = priced.pieces[each.piece].period if each.piece is not None else None
        last = priced.pieces[-1].period.end
        yield PriceStep(
            at=period.start if period else last,
            until=period.end if period else last,
            name=line_name(line.as_json()),
            why=line_why(priced.tariff, line),
            amount_incl=line.incl,
            total_incl=total,
            currency=priced.tariff.currency,
        )


def _name(version: TariffVersion) -> str:
    return f"{version.tariff.name} · {version.number}"


def _billed(session: Session, bill: Cdr) -> Iterator[Period]:
    alone = is_reservation_alone(session.flags)
    return (_period(told, expired=alone) for told in bill.periods)


def _period(told: Mapping[str, str], *, expired: bool) -> Period:
    """A period as a CDR keeps it."""
    flows: dict[str, Any] = {name: Decimal(told[name]) for name in FLOWS if name in told}
    return Period(
        datetime.fromisoformat(told["start_date_time"]),
        datetime.fromisoformat(told["end_date_time"]),
        Decimal(told["energy_wh"]),
        Decimal(told["time_s"]),
        Decimal(told["parking_time_s"]),
        Decimal(told.get("reservation_time_s", 0)),
        expired,
        reserved=not expired and "reservation_time_s" in told,
        **flows,
    )
