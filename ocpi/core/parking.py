"""Parking places as OCPI 2.3.0 has them (locations, Parking and EVSEParking)."""

from collections.abc import Sequence
from typing import Any

from registry.models import ChargePoint, ParkingPlace

NUMBERS = {
    "max_vehicle_weight": "max_vehicle_weight_kg",
    "max_vehicle_height": "max_vehicle_height_cm",
    "max_vehicle_length": "max_vehicle_length_cm",
    "max_vehicle_width": "max_vehicle_width_cm",
    "parking_space_length": "space_length_cm",
    "parking_space_width": "space_width_cm",
    "time_limit": "time_limit_min",
}
FACTS = ("dangerous_goods_allowed", "drive_through", "roofed", "lighting", "refrigeration_outlet")


def parking_key(row: ParkingPlace) -> str:
    """Parking.id: never changes."""
    return f"parking-{row.pk}"


def parking_place(row: ParkingPlace) -> dict[str, Any]:
    """A Parking object."""
    return {
        "id": parking_key(row),
        "physical_reference": row.reference or None,
        "vehicle_types": row.vehicle_types or ["PERSONAL_VEHICLE"],
        "restricted_to_type": row.restricted_to_type,
        "reservation_required": row.reservation_required,
        "direction": row.direction or None,
        "standards": [str(each)[:36] for each in row.standards],
        **{name: getattr(row, ours) for name, ours in NUMBERS.items()},
        **{name: getattr(row, name) for name in FACTS},
    }


def evse_parking(rows: Sequence[ParkingPlace], point: ChargePoint, number: int) -> list[dict[str, Any]]:
    """The places from which an EVSE can be used: its own, its charge point's, and those of the whole site."""
    return [
        {"parking_id": parking_key(row), "evse_position": row.position or None}
        for row in rows
        if row.charge_point_id in {None, point.pk}
        and (row.charge_point_id is None or row.evse_number in {None, number})
    ]
