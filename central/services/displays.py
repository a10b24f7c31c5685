"""Which charge points show prices, and which calculate them: by the rules of their place, else as they say.

A charge point says so by its device model (2.x TariffCostCtrlr, part 2 §2.10) or the key of California
pricing (1.6). What it said is asked with many messages, so it is kept in the process for DEVICE_LIFE; the
process that hears something else forgets it at once.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from central.models import Variable
from central.services.device_places import Place
from central.services.policies import policies_of

DEVICE_LIFE: Final = timedelta(minutes=10)
MOST: Final = 50_000
_CTRLR: Final = "TariffCostCtrlr"
PLACES: Final = (
    Place("Enabled", _CTRLR, instance="Cost"),
    Place("Available", _CTRLR, instance="Cost"),
    Place("Enabled", _CTRLR, instance="Tariff"),
    Place("CustomDisplayCostAndPrice"),
)
_COST_ENABLED, _COST_AVAILABLE, _TARIFF_ENABLED, _CALIFORNIA = (place.key for place in PLACES)
KEYS: Final = frozenset(place.key for place in PLACES)
"""The places of what a charge point says of it."""


class Device(NamedTuple):
    """What a charge point says of itself: shows costs, calculates them by a tariff (2.1 I07)."""

    shows: bool = False
    calculates: bool = False


_known: dict[int, tuple[datetime, Device]] = {}


def shows_costs(charge_points: Mapping[int, int], *, now: datetime) -> set[int]:
    """Those of charge points (id -> organisation id) that are told costs; mostly without a statement."""
    policies = policies_of(charge_points, now=now)
    devices = devices_of([pk for pk, policy in policies.items() if policy.shows_costs is None], now=now)
    return {
        pk
        for pk, policy in policies.items()
        if (devices[pk].shows if policy.shows_costs is None else policy.shows_costs)
    }


def devices_of(charge_point_ids: Collection[int], *, now: datetime) -> dict[int, Device]:
    """What charge points say of themselves."""
    first, last = now - DEVICE_LIFE, now + DEVICE_LIFE
    found = {
        pk: known[1]
        for pk in charge_point_ids
        if (known := _known.get(pk)) is not None and first <= known[0] <= last
    }
    missing = [pk for pk in charge_point_ids if pk not in found]
    return found | _read(missing, now) if missing else found


def devices_calculating() -> set[int]:
    """All charge points that say that they calculate costs by a tariff."""
    rows = Variable.objects.filter(key=_TARIFF_ENABLED, value__iexact="true")
    return set(rows.values_list("charge_point_id", flat=True))


def display_forget(charge_point_id: int) -> None:
    """Ask anew of a charge point that said something else."""
    _known.pop(charge_point_id, None)


def displays_forget() -> None:
    """Ask anew with the next question."""
    _known.clear()


def _read(charge_point_ids: Collection[int], now: datetime) -> dict[int, Device]:
    said: dict[int, dict[str, bool]] = {pk: {} for pk in charge_point_ids}
    rows = Variable.objects.filter(charge_point_id__in=charge_point_ids, key__in=KEYS)
    for pk, key, value in rows.values_list("charge_point_id", "key", "value"):
        if value:
            said[pk][key] = value.lower() == "true"
    if len(_known) > MOST:
        _known.clear()
    found = {pk: _device(values) for pk, values in said.items()}
    _known.update((pk, (now, device)) for pk, device in found.items())
    return found


def _device(values: Mapping[str, bool]) -> Device:
    shows = values.get(_COST_ENABLED, values.get(_COST_AVAILABLE, False)) or values.get(_CALIFORNIA, False)
    return Device(shows, values.get(_TARIFF_ENABLED, False))
