"""CDRs: exactly one for each ended session, made in one transaction and never changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Cdr, SessionRating, TariffVersion
from billing.models.cdr import CdrKind
from billing.selectors.cdrs import is_due
from billing.selectors.samples import samples_since
from billing.services.periods import periods_merged
from billing.services.pricing import costs_by_kind, session_priced
from billing.services.rating import Rating
from billing.services.rating_state import Period
from billing.services.session_ratings import ended_session_periods, session_ratings_open, session_zone
from billing.services.tariffs import version_ocpi, version_structure
from billing.signals import cdr_created
from central.models import Session
from emobility.lib import bell
from emobility.lib.errors import NotFound
from registry.services.events import event_append

NO_TARIFF = "no_tariff"
PROVISIONAL_END = "provisional_end"
ABSURD_AMOUNT = "absurd_amount"
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


def cdr_create(*, session_id: int, now: datetime) -> Cdr | None:
    """The CDR of an ended session: made once, however often and by however many this is called.

    None while the session runs, or while the real end may still replace a provisional one. The event row is
    written with it; `cdr_created` rings after the commit. Raises NotFound for an unknown session.
    """
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",))
            .select_related("organization", "site")
            .filter(pk=session_id)
            .first()
        )
        if session is None:
            raise NotFound(_("There is no such session."))
        existing = Cdr.objects.filter(session=session, kind=CdrKind.ORIGINAL).first()
        if existing is not None or not is_due(session, now):
            return existing
        cdr = _make(session, now)
        _tell(cdr, session, now)
    return cdr


def _make(session: Session, now: datetime) -> Cdr:
    row = _session_rating(session)
    version = row.tariff_version
    samples = samples_since([session], {session.pk: None})
    rating, periods = _rated(session, version, ended_session_periods(session, samples[session.pk]))
    reasons = _review_reasons(session, version, rating)
    excl, incl = (
        (Decimal(0), Decimal(0)) if ABSURD_AMOUNT in reasons else (rating.total_excl, rating.total_incl)
    )
    _settle(row, rating.currency, excl, incl, session.ended_at or session.started_at)
    return Cdr.objects.create(
        organization=session.organization,
        session=session,
        cdr_id=str(_cdr_uuid(session.uid)),
        tariff_version=version,
        currency=rating.currency,
        total_cost_excl=excl,
        total_cost_incl=incl,
        costs=_costs(version, rating),
        tariff=version_ocpi(version) if version is not None else None,
        periods=[_period_json(period) for period in periods],
        lines=[line.as_json() for line in rating.lines],
        needs_review=session.needs_review or bool(reasons),
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
    """The session's rating row; where no tariff was in force it is looked for once more."""
    rows = SessionRating.objects.select_related("tariff_version__tariff__organization")
    row = rows.filter(session=session).first()
    if row is not None and row.tariff_version is None:
        row.delete()
        row = None
    return row or session_ratings_open(sessions=[session])[session.pk]


def _settle(row: SessionRating, currency: str, excl: Decimal, incl: Decimal, until: datetime) -> None:
    row.currency, row.amount_excl, row.amount_incl = currency, excl, incl
    row.rated_until, row.state, row.settled = until, {}, True
    row.save()


def _cdr_uuid(session_uid: UUID) -> UUID:
    """Always the same for a session: made again after a restore it is still the one a partner knows."""
    return uuid5(session_uid, "cdr")


def _quantities(session: Session, periods: Sequence[Period]) -> dict[str, Any]:
    ended_at = max(session.started_at, session.ended_at or session.started_at)
    parked = sum((period.parking_time_s for period in periods), Decimal(0))
    return {
        "started_at": session.started_at,
        "ended_at": ended_at,
        "energy_wh": session.energy_wh,
        "total_time_s": min((ended_at - session.started_at) // timedelta(seconds=1), LARGEST_SECONDS),
        "parking_time_s": min(int(parked), LARGEST_SECONDS),
    }


def _review_reasons(session: Session, version: TariffVersion | None, rating: Rating) -> list[str]:
    """Why a person has to look first: what central found, and what the money adds."""
    own = {
        PROVISIONAL_END: session.provisional_end and not session.review_reasons,
        NO_TARIFF: version is None,
        ABSURD_AMOUNT: max(rating.total_excl, rating.total_incl) > LARGEST_AMOUNT,
    }
    return [*session.review_reasons, *(reason for reason, holds in own.items() if holds)]


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
    """A period with its quantities; what flowed only where the tariff asked for it."""
    flows = {name: value for name in FLOWS if (value := getattr(period, name)) is not None}
    quantities = {name: getattr(period, name) for name in QUANTITIES}
    return {
        "start_date_time": period.start.isoformat(),
        "end_date_time": period.end.isoformat(),
        **{name: f"{value.normalize():f}" for name, value in (quantities | flows).items()},
    }


def _tell(cdr: Cdr, session: Session, now: datetime) -> None:
    event_append(
        organization_id=cdr.organization_id,
        kind="cdr.created",
        charge_point_id=session.charge_point_id,
        subject=cdr.cdr_id,
        data={
            "cdr_id": cdr.pk,
            "session_id": session.pk,
            "energy_wh": cdr.energy_wh,
            "total_incl_vat": str(cdr.total_cost_incl),
            "currency": cdr.currency,
            "needs_review": cdr.needs_review,
        },
        now=now,
    )
    bell.after_commit(cdr_created, cdr_id=cdr.pk)
