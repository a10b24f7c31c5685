"""Web Mercator: degrees as shares of the world's picture, from its left upper corner."""

from math import asinh, atan, degrees, pi, radians, sinh, tan
from typing import Final

EDGE: Final = 85.0
"""Latitude in degrees at which the projection ends."""


def x_of(longitude: float) -> float:
    """0 to 1 from west to east."""
    return (longitude + 180) / 360


def y_of(latitude: float) -> float:
    """0 to 1 from north to south."""
    return (1 - asinh(tan(radians(min(max(latitude, -EDGE), EDGE)))) / pi) / 2


def latitude_of(y: float) -> float:
    """Degrees, from a share."""
    return degrees(atan(sinh(pi * (1 - 2 * y))))
