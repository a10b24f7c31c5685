"""Schemas: all compile, each action has its direction, numbers stay where a database can keep them."""

import pytest

from central.ocpp import schemas
from central.ocpp.catalog import FROM_CHARGE_POINT, UNANSWERED, VERSIONS, known_actions
from central.ocpp.errors import OcppError


@pytest.mark.parametrize("version", VERSIONS)
def test_every_schema_compiles(version):
    for action in known_actions(version):
        assert schemas._compiled(version, schemas._request_name(version, action))
        if action not in UNANSWERED:
            assert schemas._compiled(version, f"{action}Response")


@pytest.mark.parametrize(
    ("version", "count", "incoming"), [("1.6", 39, 14), ("2.0.1", 64, 25), ("2.1", 91, 37)]
)
def test_the_catalog_is_complete(version, count, incoming):
    assert len(known_actions(version)) == count
    assert len(FROM_CHARGE_POINT[version]) == incoming
    assert FROM_CHARGE_POINT[version] <= known_actions(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_direction(version):
    schemas.check_direction(version, "Heartbeat")
    for action, code in (("Reset", "NotSupported"), ("HeartBeat", "NotImplemented")):
        with pytest.raises(OcppError) as caught:
            schemas.check_direction(version, action)
        assert caught.value.code == code


def test_the_field_at_fault_is_named_by_its_path():
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{}]}]}
    with pytest.raises(OcppError) as caught:
        schemas.validate_request("1.6", "MeterValues", payload)
    assert caught.value.details == {"field": "meterValue.0.sampledValue.0.value"}


def test_a_schedule_with_tenths_is_a_valid_answer():
    """`multipleOf: 0.1` of 1.6 refuses 16.3 where numbers are doubles."""
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.3}]}
    schemas.validate_response(
        "1.6", "GetCompositeSchedule", {"status": "Accepted", "chargingSchedule": schedule}
    )
