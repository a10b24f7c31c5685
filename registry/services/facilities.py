"""What is near a site and for which vehicles a place is: words of OCPI, checked where they are written."""

from collections.abc import Collection
from typing import Any, Final

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid

FACILITIES: Final = (
    "AIRPORT", "BIKE_SHARING", "BUS_STOP", "CAFE", "CARPOOL_PARKING", "FUEL_STATION", "HOTEL", "MALL",
    "METRO_STATION", "MUSEUM", "NATURE", "PARKING_LOT", "RECREATION_AREA", "RESTAURANT", "SPORT",
    "SUPERMARKET", "TAXI_STAND", "TRAIN_STATION", "TRAM_STOP", "WIFI",
)  # fmt: skip
VEHICLES: Final = (
    "BUS", "DISABLED", "MOTORCYCLE", "PERSONAL_VEHICLE", "PERSONAL_VEHICLE_WITH_TRAILER", "RIGID",
    "SEMI_TRACTOR", "TRUCK_WITH_TRAILER", "VAN",
)  # fmt: skip


def words_checked(value: Any, known: Collection[str], name: str) -> list[str]:
    """A list of known words, each once, in the order given; raises Invalid."""
    if not isinstance(value, list) or any(word not in known for word in value):
        text = _("A list of these words is needed: {words}.").format(words=", ".join(known))
        raise Invalid(text, fields={name: text})
    return list(dict.fromkeys(value))
