"""Times, units and samples of all versions become ours."""

from datetime import UTC, datetime

import pytest

from central.ocpp import vocabulary
from central.ocpp.schemas import validate_request
from central.ocpp.vocabulary import evse_of_connector, format_time, parse_time, readings
from central.services.readings import Reading


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T12:00:00Z", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2026-01-01T12:00:00", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2026-01-01T12:00:00.5+02:00", datetime(2026, 1, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-01t12:00:00z", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2026-12-31T23:59:60Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-01-01T12:00:00.1234567891Z", datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_times_are_understood(text, moment):
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "0000-02-29T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2026-06-30T23:59:60.9Z",
    ],
)
def test_every_validated_time_is_understood(text):
    """What the schemas let pass, handlers can read."""
    payload = {"evseId": 1, "meterValue": [{"timestamp": text, "sampledValue": [{"value": 1}]}]}
    validate_request("2.0.1", "MeterValues", payload)
    assert parse_time(text).tzinfo is UTC


def test_times_are_written_in_utc_with_milliseconds():
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_a_connector_of_1_6_is_an_evse():
    assert [evse_of_connector(number) for number in (0, 1, 2)] == [(0, 0), (1, 1), (2, 1)]


START = datetime(2026, 1, 1, tzinfo=UTC)


def reading(*samples):
    return readings([{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": list(samples)}])[0]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([{"value": "1234"}], {"register_wh": 1234}),
        ([{"value": "1.2345", "unit": "kWh"}], {"register_wh": 1235}),
        ([{"value": 1.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}], {"register_wh": 1500}),
        ([{"value": 7, "unitOfMeasure": {"multiplier": -1}}], {"register_wh": 1}),
        ([{"value": "11", "unit": "kW", "measurand": "Power.Active.Import"}], {"power_w": 11_000}),
        ([{"value": "16.1", "measurand": "Current.Import"}], {"current_ma": 16_100}),
        ([{"value": "230", "measurand": "Voltage", "unit": "V"}], {"voltage_mv": 230_000}),
        ([{"value": "55", "measurand": "SoC", "unit": "Percent"}], {"state_of_charge": 55}),
        (
            [{"value": "1", "phase": "L1"}, {"value": "2", "phase": "L2"}, {"value": "3", "phase": "L3"}],
            {"register_wh": 6},
        ),
        ([{"value": "1", "phase": "L1"}, {"value": "9"}], {"register_wh": 9}),
        ([{"value": "1", "location": "Inlet"}, {"value": "2", "location": "Outlet"}], {"register_wh": 2}),
        ([{"value": "1", "location": "EV"}], {"register_wh": 1}),
        ([{"value": "5", "phase": "L1-L2"}], {}),
        ([{"value": "7", "measurand": "Frequency"}], {}),
        ([{"value": "OCMF|{}|{}", "format": "SignedData"}], {}),
        ([{"value": "x"}], {"flags": ["unreadable_value"]}),
        ([{"value": "NaN"}], {"flags": ["unreadable_value"]}),
        ([{"value": "5", "unit": "varh"}], {"flags": ["unknown_unit"]}),
        ([{"value": "1e999999"}], {"flags": ["out_of_range"]}),
        ([{"value": "101", "measurand": "SoC"}], {"flags": ["out_of_range"]}),
        ([{"value": "-5"}], {"register_wh": -5, "flags": ["negative_register"]}),
    ],
)
def test_samples_become_units_of_ours(samples, expected):
    found = reading(*samples)
    nothing = dict.fromkeys(("register_wh", "power_w", "current_ma", "voltage_mv", "state_of_charge"))
    wanted = nothing | {"flags": []} | expected
    assert {name: getattr(found, name) for name in wanted} == wanted
    assert found.samples == samples


@pytest.mark.parametrize("value", [0, 7, "7", "0007", 2_147_483, 999_999_999, "999999999", 10**18])
@pytest.mark.parametrize("unit", ["", "Wh", "kWh", "W", "kW", "A", "V", "Percent", "varh"])
@pytest.mark.parametrize("measurand", [*vocabulary._FIELDS, "Frequency"])
def test_plain_values_are_read_the_short_way_as_the_careful_way_reads_them(measurand, unit, value):
    for sample in (
        {"value": value, "measurand": measurand, "unit": unit},
        {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit}},
        {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit, "multiplier": 1}},
    ):
        assert reading(sample) == vocabulary._careful(Reading(START, samples=[sample]))
        assert reading(sample, sample) == vocabulary._careful(Reading(START, samples=[sample, sample]))


def test_usual_readings_take_the_short_way(monkeypatch):
    monkeypatch.delattr(vocabulary, "_careful")
    samples = [
        {"value": "7", "measurand": "Energy.Active.Import.Register", "unit": "kWh"},
        {"value": 11, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "kW"}},
        {"value": 50, "measurand": "Frequency"},
    ]
    assert (reading(*samples).register_wh, reading(*samples).power_w) == (7000, 11_000)


def test_the_context_of_the_first_sample_is_kept():
    assert reading({"value": "1", "context": "Transaction.Begin"}).context == "Transaction.Begin"
