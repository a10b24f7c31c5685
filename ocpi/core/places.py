"""Our sites and charge points as Location objects of OCPI 2.3.0 (2.2.1 §8.3): made anew each time.

`last_updated` is the moment of making everywhere; what did not change gets its older one back afterwards
(ocpi.core.freshness).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ocpi.core.capabilities import capabilities_of
from ocpi.core.fields import NOT_AVAILABLE
from ocpi.core.parking import evse_parking, parking_place
from ocpi.core.place_objects import LOCATION, PARKING_RESTRICTIONS
from ocpi.core.plugs import degrees, described, evse_id, location_key, plug, text, words
from ocpi.core.states import evse_status
from ocpi.core.versions import V230
from ocpi.selectors.identity import Identity
from ocpi.selectors.own_places import Place
from ocpi.selectors.places import evse_uid_of
from registry.models import ChargePoint, ParkingPlace, Site
from registry.models.site import Visibility
from registry.services.opening_hours import Span, opening_hours_read

RESTRICTIONS = (*PARKING_RESTRICTIONS, "EMPLOYEES", "TAXIS", "TENANTS")
PLUG_AND_CHARGE = ("ISO_15118_20_PLUG_AND_CHARGE", "ISO_15118_2_PLUG_AND_CHARGE")


def location_make(
    place: Place, own: Identity, tariff_ids: Mapping[int, Sequence[str]], now: datetime
) -> dict[str, Any]:
    """The Location of a place with `tariff_ids` by charge point.

    Raises ParametersInvalid where a rule is broken.
    """
    smart = place.can_limit
    evses = [
        _evse(
            place,
            point,
            evse,
            own,
            {"tariff_ids": tariff_ids.get(point.pk), "smart": point.pk in smart, "now": now},
        )
        for point in place.points
        for evse in point.evses.all()
    ]
    found = {
        "country_code": own.country_code,
        "party_id": own.party_id,
        "id": _key(place),
        "publish": place.site is not None and place.site.visibility == Visibility.PUBLIC,
        "evses": [evse for evse in evses if evse["connectors"]],
        "operator": {"name": text(own.name, 100), "website": own.website or None},
        "last_updated": now,
        **(_of_site(place.site, place.parking) if place.site else _of_point(place.points[0])),
    }
    return LOCATION.render(found, V230)


def _key(place: Place) -> str:
    return location_key(place.site.pk if place.site else None, place.points[0].pk if place.points else 0)


def _of_site(site: Site, parking: Sequence[ParkingPlace]) -> dict[str, Any]:
    return {
        "name": text(site.name, 255),
        "address": text(site.address, 255) or NOT_AVAILABLE,
        "city": text(site.city, 45) or NOT_AVAILABLE,
        "postal_code": text(site.postal_code, 10) or None,
        "state": text(site.state, 45) or None,
        "country": site.country or NOT_AVAILABLE,
        "coordinates": {"latitude": degrees(site.latitude), "longitude": degrees(site.longitude)},
        "time_zone": site.time_zone,
        "parking_type": site.parking_type or None,
        "facilities": site.facilities,
        "directions": [{"language": "en", "text": text(site.directions, 512)}] if site.directions else [],
        "opening_times": hours_of(site.opening_hours, site.time_zone),
        "charging_when_closed": site.charging_when_closed,
        "help_phone": text(site.help_phone, 25) or None,
        "parking_places": [parking_place(row) for row in parking],
    }


def _of_point(point: ChargePoint) -> dict[str, Any]:
    unknown = {"latitude": NOT_AVAILABLE, "longitude": NOT_AVAILABLE}
    return {
        "name": text(point.location, 255) or None,
        "address": text(point.location, 255) or NOT_AVAILABLE,
        "city": NOT_AVAILABLE,
        "country": NOT_AVAILABLE,
        "coordinates": unknown,
        "time_zone": point.organization.time_zone,
    }


def _evse(place: Place, point: Any, evse: Any, own: Identity, common: Mapping[str, Any]) -> dict[str, Any]:
    connectors = list(evse.connectors.all())
    known = described(point, evse.number)
    return {
        "uid": evse_uid_of(point, evse.number),
        "evse_id": evse_id(point, evse.number, own),
        "status": evse_status(point, evse.number, connectors),
        "capabilities": capabilities_of(point, evse.number, smart=common["smart"]),
        "connectors": [_connector(point, evse, each, common) for each in connectors],
        "floor_level": text(known.get("floor_level"), 4) or None,
        "physical_reference": text(known.get("physical_reference"), 16) or None,
        "parking_restrictions": words(known, "parking_restrictions", RESTRICTIONS),
        "parking": evse_parking(place.parking, point, evse.number),
        "last_updated": common["now"],
    }


def _connector(point: Any, evse: Any, connector: Any, common: Mapping[str, Any]) -> dict[str, Any]:
    known = described(point, evse.number, connector.number)
    return {
        "id": str(connector.number),
        **plug(point, evse.number, connector.number, connector.max_power_w),
        "tariff_ids": list(common["tariff_ids"] or []),
        "capabilities": words(known, "connector_capabilities", PLUG_AND_CHARGE),
        "last_updated": common["now"],
    }


def hours_of(written: str, time_zone: str) -> dict[str, Any] | None:
    """Opening hours of a site as Hours: exceptions in UTC; None where nobody wrote any. Raises Invalid."""
    hours = opening_hours_read(written)
    if hours is None:
        return None
    zone = ZoneInfo(time_zone)
    return {
        "twentyfourseven": hours.always,
        "regular_hours": [
            {"weekday": day, "period_begin": begin, "period_end": "23:59" if end == "24:00" else end}
            for day, begin, end in hours.weekly
        ],
        "exceptional_openings": [_period(day, span, zone) for day, span in hours.openings],
        "exceptional_closings": [_period(day, span, zone) for day, span in hours.closings],
    }


def _period(day: date, span: Span, zone: ZoneInfo) -> dict[str, datetime]:
    return {"period_begin": _moment(day, span[0], zone), "period_end": _moment(day, span[1], zone)}


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    whole = day + timedelta(days=hour // 24)
    return datetime(whole.year, whole.month, whole.day, hour % 24, minute, tzinfo=zone)
