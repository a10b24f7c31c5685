"""Our places as they are now: sites with their charge points, or a charge point that stands at no site."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from central.models import Connector, Evse, Reservation, Session, StatusChange
from central.models.reservation import ReservationState
from central.models.session import SessionState
from ocpi.models import Partner, Published, ToldPlace
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.smart_charging import limitable
from registry.models import ChargePoint, Organization, ParkingPlace, Site

LOST_BELLS = timedelta(minutes=2)
LATEST = 1000
"""Of the newest changes of state so many are looked at by the frequent sweep."""


@dataclass(slots=True)
class Place:
    """What becomes a Location: `points` with `live`, `evses`, `running` sessions, `held` reservations."""

    site: Site | None
    points: list[Any]
    parking: list[ParkingPlace] = field(default_factory=list)

    @property
    def can_limit(self) -> set[int]:
        """Keys of the charge points that say that they take charging profiles."""
        return limitable(point.pk for point in self.points)


def place_of(organization: Organization, key: str) -> Place | None:
    """The place that a Location.id of ours names; None where there is none (any more)."""
    kind, _dash, number = key.partition("-")
    if not number.isdecimal():
        return None
    points = _described(ChargePoint.objects.filter(organization=organization))
    if kind == "cp":
        found = list(points.filter(pk=number, site=None))
        return Place(None, found) if found else None
    site = Site.objects.filter(organization=organization, pk=number).first()
    if site is None:
        return None
    return Place(site, list(points.filter(site=site)), list(site.parking_places.order_by("pk")))


def _described(points: QuerySet[ChargePoint]) -> QuerySet[Any]:
    evses = Evse.objects.order_by("number").prefetch_related(
        Prefetch("connectors", Connector.objects.order_by("number"))
    )
    running = Session.objects.filter(state=SessionState.ACTIVE, end_seq_no=None)
    held = Reservation.objects.filter(state=ReservationState.ACTIVE)
    return (
        points.select_related("live")
        .prefetch_related(
            Prefetch("evses", evses),
            Prefetch("sessions", running, to_attr="running"),
            Prefetch("reservations", held, to_attr="held"),
        )
        .order_by("pk")
    )


def keys_of(charge_points: Iterable[ChargePoint]) -> set[str]:
    """The Location ids of charge points."""
    return {f"site-{each.site_id}" if each.site_id else f"cp-{each.pk}" for each in charge_points}


def keys_left(charge_points: Iterable[ChargePoint]) -> set[str]:
    """The Location ids where charge points were told to stand and stand no more. One query."""
    now = {each.pk: keys_of([each]) for each in charge_points}
    told = ToldPlace.objects.filter(charge_point__in=now) if now else ToldPlace.objects.none()
    return {row.object_id for row in told if row.object_id not in now[row.charge_point_id]}


def keys_of_organization(organization: Organization) -> set[str]:
    """The Location ids of all charge points, and those that partners were told of."""
    told = Published.objects.filter(organization=organization, module="locations")
    points = ChargePoint.objects.filter(organization=organization)
    return keys_of(points.only("site_id")) | set(told.values_list("object_id", flat=True))


def roaming_organizations() -> QuerySet[Organization]:
    """Organisations that a registered partner may ask."""
    partners = Partner.objects.filter(organization=OuterRef("pk"), status=PartnerStatus.ACTIVE)
    return Organization.objects.filter(Exists(partners))


def keys_touched(organization: Organization, now: datetime) -> set[str]:
    """Location ids of which a lost bell may have told: changed since they were last compared."""
    since = now - LOST_BELLS
    newest = StatusChange.objects.order_by("-id").values_list("charge_point_id", "received_at")[:LATEST]
    states: dict[int, datetime] = {}
    for charge_point_id, received_at in newest:
        states.setdefault(charge_point_id, received_at)
    states = {key: received_at for key, received_at in states.items() if received_at >= since}
    recent = Q(pk__in=states) | Q(updated_at__gte=since) | Q(site__updated_at__gte=since)
    rows = list(ChargePoint.objects.filter(recent, organization=organization).select_related("site"))
    told = Published.objects.filter(organization=organization, module="locations")
    looked = dict(told.filter(checked_at__gte=since).values_list("object_id", "checked_at"))
    return keys_left(rows) | {
        key
        for row in rows
        for key in keys_of([row])
        if key not in looked or _touched(row, states.get(row.pk)) > looked[key]
    }


def _touched(row: ChargePoint, state_at: datetime | None) -> datetime:
    moments = [row.updated_at, state_at, row.site.updated_at if row.site else None]
    return max(moment for moment in moments if moment is not None)
