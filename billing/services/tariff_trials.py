"""A tariff tried on a session of the past or on a sketched one; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from billing.models import TariffVersion
from billing.selectors.samples import samples_since
from billing.services.pricing import Priced, session_priced
from billing.services.rating_state import ZERO, Period
from billing.services.session_ratings import ended_session_periods, session_zone
from billing.services.tariffs import version_structure
from central.models import Session
from central.selectors.curves import Point, session_curve


@dataclass(frozen=True, slots=True)
class Sketch:
    """A session as somebody imagines it: a reservation, then charging at constant power, then parking."""

    start: datetime
    charging_minutes: int
    energy_wh: int
    parked_minutes: int = 0
    reserved_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the price with its pieces, the curve, the zone of the place."""

    priced: Priced
    points: Sequence[Point]
    zone: str


def session_trial(*, version: TariffVersion, session: Session) -> Trial:
    """What an ended session would have cost by a version, from the same samples that its CDR is made of."""
    zone = session_zone(session)
    samples = samples_since([session], {session.pk: None})[session.pk]
    periods = ended_session_periods(session, samples)
    return Trial(session_priced(version_structure(version, zone), periods), session_curve(session), zone)


def sketch_trial(*, version: TariffVersion, sketch: Sketch, zone: str) -> Trial:
    """What a sketched session costs by a version at a place of that time zone."""
    priced = session_priced(version_structure(version, zone), sketch_periods(sketch))
    return Trial(priced, _points(sketch), zone)


def sketch_periods(sketch: Sketch) -> list[Period]:
    """The charging periods of a sketch; a reservation that nothing follows has expired."""
    arrived = sketch.start + timedelta(minutes=sketch.reserved_minutes)
    charged = arrived + timedelta(minutes=sketch.charging_minutes)
    left = charged + timedelta(minutes=sketch.parked_minutes)
    used = bool(sketch.charging_minutes or sketch.energy_wh or sketch.parked_minutes)
    reserved, charging, parked = (
        Decimal(60 * minutes)
        for minutes in (sketch.reserved_minutes, sketch.charging_minutes, sketch.parked_minutes)
    )
    parts = [
        Period(sketch.start, arrived, reservation_s=reserved, expired=bool(reserved) and not used),
        Period(arrived, charged, Decimal(sketch.energy_wh), charging),
        Period(charged, left, ZERO, ZERO, parked),
    ]
    kept = [part for part in parts if part.start < part.end or part.energy_wh]
    return kept or [Period(sketch.start, sketch.start)]


def _points(sketch: Sketch) -> list[Point]:
    arrived = sketch.start + timedelta(minutes=sketch.reserved_minutes)
    charged = arrived + timedelta(minutes=sketch.charging_minutes)
    left = charged + timedelta(minutes=sketch.parked_minutes)
    power = sketch.energy_wh * 60 // sketch.charging_minutes if sketch.charging_minutes else 0
    corners = [Point(arrived, 0, power), Point(charged, sketch.energy_wh, power)]
    rest = [Point(charged, sketch.energy_wh, 0), Point(left, sketch.energy_wh, 0)]
    before = [Point(sketch.start, 0, 0), Point(arrived, 0, 0)] if sketch.reserved_minutes else []
    return before + corners + (rest if sketch.parked_minutes else [])
