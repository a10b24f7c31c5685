"""The whole catalogue, with all its files read."""

from registry.catalog import business, charge_points, charging, orders, security
from registry.catalog.business import TEST
from registry.catalog.kinds import KINDS, Kind

SECTIONS = (charge_points, charging, orders, security, business)
"""In the order of the documentation; the first line of each file is its title."""

__all__ = ["KINDS", "SECTIONS", "TEST", "Kind"]
