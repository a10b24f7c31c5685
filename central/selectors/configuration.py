"""What pages and resources ask of charge points to compare their configuration."""

from collections.abc import Sequence
from typing import Final

from central.models import ChargePointStatus
from registry.models import ChargePoint

MOST_SHOWN: Final = 100
"""Charge points that one page or answer compares."""


def versions_of(points: Sequence[ChargePoint]) -> dict[int, str]:
    """The versions that charge points last spoke, by their database id; without those that never did."""
    live = ChargePointStatus.objects.filter(charge_point__in=points).exclude(ocpp_version="")
    return dict(live.values_list("charge_point_id", "ocpp_version"))
