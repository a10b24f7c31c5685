"""Questions that only upper rooms can answer; filled by them when they are ready."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


def _nobody(group_ids: Collection[int], charge_point_ids: Collection[int]) -> Mapping[int, set[int]]:
    return {}


@dataclass(slots=True)
class Ports:
    """`group_members(groups, charge points)`: which of these charge points each group has now."""

    group_members: Callable[[Collection[int], Collection[int]], Mapping[int, set[int]]] = _nobody


ports = Ports()
