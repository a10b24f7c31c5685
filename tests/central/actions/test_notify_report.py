"""NotifyReport: values, characteristics, parts with gaps, twice, out of order, never (2.x B07, B08)."""

from datetime import timedelta

import pytest

from central.models import DeviceReport, Variable
from central.services import variables
from central.services.device_reports import reports_give_up
from registry.models import Event
from tests.support.device_model import entry, report, variable
from tests.support.handlers import NOW, Bench

TWO = ["2.0.1", "2.1"]
TRAITS = {"dataType": "integer", "unit": "s", "minLimit": 1, "maxLimit": 900.5, "supportsMonitoring": True}


@pytest.fixture(params=TWO)
def charger(request, charge_point):
    return Bench(charge_point, request.param)


@pytest.fixture
def modern(charge_point):
    return Bench(charge_point, "2.1")


def test_values_attributes_and_characteristics_are_kept(charger):
    attribute = {"mutability": "ReadWrite", "persistent": True}
    told = entry("SampledDataCtrlr", "TxUpdatedInterval", "60", attribute=attribute, traits=TRAITS)
    limit = entry("SampledDataCtrlr", "TxUpdatedInterval", "900", attribute={"type": "MaxSet"})
    assert charger.call("NotifyReport", report(1, 0, told, limit)) == {}
    row = variable("TxUpdatedInterval")
    assert (row.value, row.mutability, row.unit, row.data_type) == ("60", "ReadWrite", "s", "integer")
    assert (row.min_limit, row.max_limit, row.supports_monitoring) == (1, 900.5, True)
    assert row.changed_at == NOW
    assert row.source == "report"
    assert row.attributes["Actual"]["persistent"] is True
    assert row.attributes["MaxSet"]["value"] == "900"
    assert row.attributes["MaxSet"]["mutability"] == "ReadWrite"


def test_places_differ_by_instance_evse_and_connector_but_not_by_case(charger):
    charger.call(
        "NotifyReport",
        report(
            1,
            0,
            entry("Connector", "Available", "true", evse={"id": 1, "connectorId": 1}),
            entry("Connector", "Available", "false", evse={"id": 1, "connectorId": 2}),
            entry("Connector", "Available", "true", evse={"id": 2}),
            entry("Connector", "Available", "true", owner="x"),
            entry("Connector", "Available", "true", instance="y"),
            entry("connector", "AVAILABLE", "false", instance="Y"),
        ),
    )
    rows = {row.words: row.value for row in Variable.objects.all()}
    assert rows == {
        "1/1:Connector.Available": "true",
        "1/2:Connector.Available": "false",
        "2:Connector.Available": "true",
        "Connector[x].Available": "true",
        "Connector.Available[y]": "false",
    }


def test_only_another_value_counts_as_a_change(modern):
    modern.call("NotifyReport", report(1, 0, entry("TxCtrlr", "EVConnectionTimeOut", "60")))
    later = modern.after(minutes=5)
    later.call("NotifyReport", report(2, 0, entry("TxCtrlr", "EVConnectionTimeOut", "60")))
    row = variable("EVConnectionTimeOut")
    assert (row.changed_at, row.told_at) == (NOW, later.now)
    later.call("NotifyReport", report(3, 0, entry("TxCtrlr", "EVConnectionTimeOut", "90")))
    assert variable("EVConnectionTimeOut").changed_at == later.now


@pytest.mark.parametrize(
    "name", ["BasicAuthPassword", "ApnPassword", "VpnKey", "SimPin", "Wlan_Password", "FtpPassword2"]
)
def test_secrets_are_not_kept_even_where_a_charge_point_tells_them(modern, name):
    """B07.FR.03 forbids it; some do it."""
    modern.call("NotifyReport", report(1, 0, entry("SecurityCtrlr", name, "hunter2hunter2")))
    row = variable(name)
    assert row.value == "***"
    assert "hunter2" not in str(row.attributes)


def test_an_attribute_without_a_value_is_kept_as_unset(modern):
    """B07.FR.11."""
    modern.call("NotifyReport", report(1, 0, entry("A", "B", "x")))
    modern.call("NotifyReport", report(2, 0, entry("A", "B")))
    assert variable("B").value == ""


def states():
    return [
        (row.state, len(row.parts), row.missing, row.items) for row in DeviceReport.objects.order_by("pk")
    ]


def test_parts_in_any_order_become_a_whole(charger):
    charger.call("NotifyReport", report(5, 2, entry("A", "Three", "3")))
    assert states() == [("collecting", 1, [0, 1], 1)]
    charger.call("NotifyReport", report(5, 0, entry("A", "One", "1"), more=True))
    charger.call("NotifyReport", report(5, 1, entry("A", "Two", "2"), more=True))
    assert states() == [("complete", 3, [], 3)]
    assert Variable.objects.count() == 3
    assert Event.objects.filter(kind="report.complete").count() == 1


def test_a_part_told_twice_changes_nothing(charger):
    first = report(5, 0, entry("A", "B", "1"), more=True)
    charger.call("NotifyReport", first)
    charger.after(minutes=1).call("NotifyReport", first)
    row = DeviceReport.objects.get()
    assert (row.items, row.heard_at) == (1, NOW)
    charger.call("NotifyReport", report(5, 1))
    charger.after(minutes=2).call("NotifyReport", first)
    assert states() == [("complete", 2, [], 1)]


def test_a_report_with_gaps_is_given_up_and_says_what_is_missing(modern):
    modern.call("NotifyReport", report(5, 0, entry("A", "B", "1"), more=True))
    modern.call("NotifyReport", report(5, 3, entry("A", "C", "1")))
    limit = timedelta(minutes=5)
    assert reports_give_up(now=NOW + timedelta(minutes=4), after=limit) == 0
    assert reports_give_up(now=NOW + limit, after=limit) == 1
    assert states() == [("incomplete", 2, [1, 2], 2)]
    assert Variable.objects.count() == 2
    assert Event.objects.get(kind="report.incomplete").data["missing"] == [1, 2]
    late = modern.after(minutes=9)
    late.call("NotifyReport", report(5, 1, more=True))
    late.call("NotifyReport", report(5, 2, more=True))
    assert states() == [("complete", 4, [], 2)]


def test_a_report_whose_end_never_comes_is_given_up(modern):
    modern.call("NotifyReport", report(5, 0, entry("A", "B", "1"), more=True))
    assert reports_give_up(now=NOW + timedelta(hours=1), after=timedelta(minutes=5)) == 1
    row = DeviceReport.objects.get()
    assert (row.state, row.last_part, row.missing) == ("incomplete", None, [])


def test_a_number_used_again_is_another_report(modern):
    modern.call("NotifyReport", report(0, 0, entry("A", "B", "1")))
    modern.after(hours=1).call("NotifyReport", report(0, 0, entry("A", "B", "2")))
    assert states() == [("complete", 1, [], 1), ("complete", 1, [], 1)]
    assert variable("B").value == "2"


def test_an_endless_number_of_variables_costs_few_statements(modern, django_assert_max_num_queries):
    many = [entry("A", f"V{number}", str(number), traits=TRAITS) for number in range(400)]
    with django_assert_max_num_queries(40):
        modern.call("NotifyReport", report(1, 0, *many))
    with django_assert_max_num_queries(40):
        modern.call("NotifyReport", report(2, 0, *many))
    assert Variable.objects.count() == 400


@pytest.mark.parametrize("seq_no", [-1, 10**12])
def test_odd_numbers_of_parts_do_no_harm(charge_point, seq_no):
    Bench(charge_point, "2.0.1").call("NotifyReport", report(2**40, seq_no, entry("A", "B", "1")))
    row = DeviceReport.objects.get()
    assert len(row.missing) <= 10_000
    assert variable("B").value == "1"


def test_whoever_invents_variables_without_end_has_some_kept(charger, monkeypatch):
    monkeypatch.setattr(variables, "MOST", 2)
    names = [entry("Ctrlr", f"Name{number}", "1") for number in range(4)]
    assert charger.call("NotifyReport", report(1, 0, *names)) == {}
    assert charger.call("NotifyReport", report(2, 0, entry("Ctrlr", "Name0", "2"))) == {}
    assert list(Variable.objects.order_by("key").values_list("value", flat=True)) == ["2", "1"]
