"""Full reports of the device model: what the newest one no longer names is kept and says so (2.x B07)."""

from datetime import timedelta

import pytest

from central.models import Command, DeviceReport, Variable
from central.services.device_reports import reports_give_up
from tests.support.device_model import entry, report
from tests.support.handlers import NOW, Bench
from tests.support.orders import answered, placed
from tests.support.world import staff

TWO = ["2.0.1", "2.1"]
PLUG = entry("Connector", "Available", "true", evse={"id": 1, "connectorId": 1})
SECOND = entry("Connector", "Available", "true", evse={"id": 1, "connectorId": 2})
TIME = entry("TxCtrlr", "EVConnectionTimeOut", "60")
HOUR = timedelta(hours=1)


@pytest.fixture(params=TWO)
def charger(request, charge_point):
    return Bench(charge_point, request.param)


def asked(charger, at, base="FullInventory"):
    """The number of a report that was ordered and announced at that time."""
    command = placed(charger.charge_point, "report_get", base=base)
    assert answered(charger.version, command, {"status": "Accepted"})
    DeviceReport.objects.filter(command=command).update(opened_at=at, heard_at=at)
    return command.pk


def told_before(charger):
    """An earlier report that names three variables."""
    charger.call("NotifyReport", report(asked(charger, NOW), 0, PLUG, SECOND, TIME))
    assert unnamed() == {}


def unnamed():
    return {row.words: row.unnamed_since for row in Variable.objects.exclude(unnamed_since=None)}


def test_what_the_newest_full_report_leaves_out_is_marked_and_kept(charger):
    told_before(charger)
    later = charger.after(hours=1)
    number = asked(charger, later.now)
    later.call("NotifyReport", report(number, 0, PLUG, more=True))
    assert unnamed() == {}
    later.after(minutes=1).call("NotifyReport", report(number, 1, TIME))
    assert unnamed() == {"1/2:Connector.Available": later.now + timedelta(minutes=1)}
    assert Variable.objects.get(connector_number=2).value == "true"


def test_what_is_named_again_is_there_again(charger):
    told_before(charger)
    later = charger.after(hours=1)
    later.call("NotifyReport", report(asked(charger, later.now), 0, PLUG))
    assert len(unnamed()) == 2
    again = charger.after(hours=2)
    again.call("NotifyReport", report(asked(charger, again.now), 0, PLUG, SECOND))
    assert unnamed() == {"TxCtrlr.EVConnectionTimeOut": later.now}


def test_a_report_with_gaps_says_nothing_of_what_it_leaves_out(charger):
    told_before(charger)
    later = charger.after(hours=1)
    number = asked(charger, later.now)
    later.call("NotifyReport", report(number, 0, PLUG, more=True))
    later.call("NotifyReport", report(number, 2))
    assert reports_give_up(now=later.now + HOUR, after=HOUR) == 1
    assert unnamed() == {}
    late = later.after(hours=2)
    late.call("NotifyReport", report(number, 1, SECOND, more=True))
    assert unnamed() == {"TxCtrlr.EVConnectionTimeOut": late.now}


@pytest.mark.parametrize("base", ["ConfigurationInventory", "SummaryInventory"])
def test_a_report_of_a_part_says_nothing_of_the_rest(base, charger):
    told_before(charger)
    later = charger.after(hours=1)
    later.call("NotifyReport", report(asked(charger, later.now, base), 0, PLUG))
    later.call("NotifyReport", report(99_999, 0, PLUG))
    assert unnamed() == {}


def test_parts_may_come_before_the_announcement(charger, charge_point):
    told_before(charger)
    later = charger.after(hours=1)
    command = placed(charge_point, "configuration_get")
    Command.objects.filter(pk=command.pk).update(created_at=later.now)
    command.refresh_from_db()
    later.call("NotifyReport", report(command.pk, 0, PLUG, TIME))
    assert unnamed() == {}
    assert answered(charger.version, command, {"status": "Accepted"})
    assert list(unnamed()) == ["1/2:Connector.Available"]


def test_pages_and_rest_say_so(charger, client, organization):
    client.force_login(staff(organization, "operator"))
    told_before(charger)
    later = charger.after(hours=1)
    later.call("NotifyReport", report(asked(charger, later.now), 0, PLUG, TIME))
    told = {row["connector_number"]: row for row in client.get("/api/variables/").json()["results"]}
    assert (told[2]["unnamed_since"], told[1]["unnamed_since"]) == ("2026-03-02T13:00:00Z", None)
    rows = client.get("/admin/central/variable/?attention=unnamed").content.decode()
    assert rows.count("Not in the newest full report") == 1
    row = Variable.objects.get(connector_number=2)
    assert (
        "Not in the newest full report"
        in client.get(f"/admin/central/variable/{row.pk}/change/").content.decode()
    )
