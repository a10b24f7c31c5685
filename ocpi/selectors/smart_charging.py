"""Which charge points take charging profiles, by their own word (1.6 §9.1.24, 2.x SmartChargingCtrlr)."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from central.models import Variable

FEATURES: Final = Q(component="", variable__iexact="SupportedFeatureProfiles")
CONTROLLER: Final = Q(component__iexact="SmartChargingCtrlr", variable__iexact="Available")
ENABLED: Final = Q(component__iexact="SmartChargingCtrlr", variable__iexact="Enabled")


def limitable(charge_point_ids: Iterable[int]) -> set[int]:
    """The charge points that say they do; those that never said are not among them. One query."""
    return {key for key, able in _said(charge_point_ids).items() if able}


def can_limit(charge_point_id: int) -> bool | None:
    """Whether a charge point says so; None where it never said."""
    return _said([charge_point_id]).get(charge_point_id)


def _said(charge_point_ids: Iterable[int]) -> dict[int, bool]:
    rows = Variable.objects.filter(
        FEATURES | CONTROLLER | ENABLED, charge_point__in=list(charge_point_ids), value__gt=""
    )
    found: dict[int, bool] = {}
    for key, component, value in rows.values_list("charge_point_id", "component", "value"):
        able = str(value).lower() != "false" if component else "smartcharging" in str(value).lower()
        found[key] = found.get(key, True) and able
    return found
