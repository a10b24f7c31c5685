"""Countries as the background of a map: Natural Earth's 1:50m figures (public domain), in `countries.json`.

`arcs`, each [longitude, latitude, then the steps to the next point ...] in hundredths of a degree; `rings`,
each the numbers of the arcs around a piece of land, ~number for an arc that is walked backwards.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from emobility.lib.mercator import x_of, y_of

FILE: Final = Path(__file__).with_name("countries.json")
LEAST: Final = 2.0
"""Pixels: smaller pieces of land are left out."""
NEAR: Final = 1.2
"""Pixels: points that are nearer to the last one are left out."""
Point = tuple[float, float]
Ring = tuple[tuple[float, float, float, float], Sequence[Point]]
"""Where it is (left, top, right, bottom), and its points; in shares of the world's picture."""


def land(left: float, top: float, width: float, height: float, size: float) -> str:
    """The path of an SVG for what is in a picture of a world that is `size` pixels wide."""
    return "".join(
        _path([(x * size - left, y * size - top) for x, y in points])
        for (west, north, east, south), points in _rings()
        if west * size < left + width
        and east * size > left
        and north * size < top + height
        and south * size > top
        and max(east - west, south - north) * size > LEAST
    )


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in _apart(points)) + "Z"


def _apart(points: Sequence[Point]) -> Iterator[Point]:
    last_x = last_y = float("-inf")
    for x, y in points:
        if abs(x - last_x) > NEAR or abs(y - last_y) > NEAR:
            yield x, y
            last_x, last_y = x, y


@cache
def _rings() -> list[Ring]:
    shapes = json.loads(FILE.read_text(encoding="ascii"))
    arcs = [_arc(steps) for steps in shapes["arcs"]]
    return [_ring([_walked(arcs, number) for number in numbers]) for numbers in shapes["rings"]]


def _arc(steps: Sequence[int]) -> list[Point]:
    longitudes, latitudes = accumulate(steps[::2]), accumulate(steps[1::2])
    return [(x_of(east / 100), y_of(north / 100)) for east, north in zip(longitudes, latitudes, strict=True)]


def _walked(arcs: Sequence[list[Point]], number: int) -> list[Point]:
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def _ring(parts: Sequence[list[Point]]) -> Any:
    points = [point for part in parts for point in part]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return (min(xs), min(ys), max(xs), max(ys)), points
