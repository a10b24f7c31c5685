"""The company, charge point and driver of central's tests, at handlers and over real sockets."""

from tests.central.conftest import bench, charge_point, organization, site, token
from tests.central.consumers.conftest import enrol, enrolled

__all__ = ["bench", "charge_point", "enrol", "enrolled", "organization", "site", "token"]
