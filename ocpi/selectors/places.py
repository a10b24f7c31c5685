"""Location.id and EVSE.uid of our places, and back: what a partner's command means by them."""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.models import ChargePoint

LONGEST = 36
NOT_AVAILABLE = "#NA"


@dataclass(frozen=True, slots=True)
class Place:
    """A charge point and its EVSE; without a number any EVSE of it."""

    charge_point: ChargePoint
    evse_number: int | None


def location_id_of(charge_point: ChargePoint) -> str:
    """Location.id: the site, or the charge point where it stands at none."""
    return f"site-{charge_point.site_id}" if charge_point.site_id else f"cp-{charge_point.pk}"


def evse_uid_of(charge_point: ChargePoint, evse_number: int) -> str:
    """EVSE.uid; `#NA` for no number."""
    if not evse_number:
        return NOT_AVAILABLE
    text = f"{charge_point.cp_id}-{evse_number}"
    return text if len(text) <= LONGEST and text.isascii() else f"cp-{charge_point.pk}-{evse_number}"


def charge_points_at(organization_id: int, location_id: str) -> list[ChargePoint]:
    """The registered charge points of a location; none where it is not known."""
    kind, _, key = location_id.lower().partition("-")
    if kind not in {"site", "cp"} or not (key.isascii() and key.isdecimal() and len(key) < 19):
        return []
    rows = ChargePoint.objects.filter(organization_id=organization_id).select_related("organization", "site")
    found = rows.filter(site_id=int(key)) if kind == "site" else rows.filter(pk=int(key), site=None)
    return [row for row in found.order_by("cp_id") if row.is_registered]


def place_of(charge_points: Iterable[ChargePoint], evse_uid: str) -> Place | None:
    """The EVSE of that uid among charge points of one location; CiStrings, so without case."""
    head, _, number = evse_uid.upper().rpartition("-")
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 10):
        return None
    for row in charge_points:
        if head in {row.cp_id.upper(), f"CP-{row.pk}"}:
            return Place(row, int(number))
    return None
