"""SecurityEventNotification (1.6 security extension A04, 2.x A04): classed, kept once, seen by a person."""

import pytest

from central.models import SecurityEvent
from central.services import security_events
from central.services.security_events import security_event_acknowledge
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry, Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.messages import stamp
from tests.support.power import answered, placed
from tests.support.world import staff

VERSIONS = ["1.6", "2.0.1", "2.1"]


def report(bench, kind="TamperDetectionActivated", at=NOW, **more):
    answer = bench.call("SecurityEventNotification", {"type": kind, "timestamp": stamp(at)} | more)
    assert answer == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_event_is_kept_with_its_severity(version, charge_point):
    report(Bench(charge_point, version), techInfo="door 2")
    event = SecurityEvent.objects.get()
    assert (event.kind, event.severity, event.tech_info) == ("TamperDetectionActivated", "critical", "door 2")
    assert (event.at, event.received_at, event.is_open) == (NOW, NOW, True)
    fact = Event.objects.get(kind="security.event")
    assert (fact.subject, fact.data["severity"]) == ("TamperDetectionActivated", "critical")


@pytest.mark.parametrize(
    ("version", "kind", "severity"),
    [
        ("1.6", "InvalidFirmwareSignature", "ordinary"),
        ("2.0.1", "InvalidFirmwareSignature", "critical"),
        ("2.1", "InvalidTLSVersion", "critical"),
        ("1.6", "InvalidTLSVersion", "ordinary"),
        ("1.6", "FailedToAuthenticationAtCentralSystem", "ordinary"),
        ("1.6", "MaintenanceLoginFailed", "critical"),
        ("2.0.1", "InvalidCentralSystemCertificate", "ordinary"),
        ("2.0.1", "tamperdetectionactivated", "critical"),
        ("2.0.1", "AcmeDoorBell", "notice"),
    ],
)
def test_the_tables_of_the_specification_decide(version, kind, severity, charge_point):
    """White paper for 1.6-J §8; 2.0.1 appendices §1; unknown events are notices."""
    report(Bench(charge_point, version), kind)
    assert SecurityEvent.objects.get().severity == severity


@pytest.mark.parametrize("kind", ["StartupOfTheDevice", "ResetOrReboot"])
def test_a_start_is_critical_by_the_table_but_nobody_is_asked_to_look(kind, charge_point):
    report(Bench(charge_point, "2.0.1"), kind)
    event = SecurityEvent.objects.get()
    assert (event.severity, event.is_open) == ("critical", False)


def test_new_firmware_is_a_matter_for_a_person_unless_it_was_ordered_here(charge_point):
    """L01.FR.31: FirmwareUpdated follows each update."""
    bench = Bench(charge_point, "2.0.1")
    report(bench, "FirmwareUpdated")
    command = placed(charge_point, "firmware_update", location="https://files.example/fw")
    answered("2.0.1", command, {"status": "Accepted"})
    report(bench, "FirmwareUpdated", techInfo="1.1")
    report(bench.after(days=9), "FirmwareUpdated", techInfo="1.2")
    opened = SecurityEvent.objects.order_by("pk").values_list("is_open", flat=True)
    assert list(opened) == [True, False, True]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_repeat_is_the_same_event(version, charge_point):
    """A04.FR.02: queued until it is confirmed, so it may come again, also with another message id."""
    bench = Bench(charge_point, version)
    for minutes in (0, 5, 10):
        report(bench.after(minutes=minutes))
    assert SecurityEvent.objects.get().received_at == NOW
    assert Event.objects.filter(kind="security.event").count() == 1
    report(bench, techInfo="another")
    report(Bench(charge_point_create(charge_point.organization), version))
    assert SecurityEvent.objects.count() == 3


def test_whoever_repeats_itself_without_end_gives_nobody_more_to_look_at(charge_point, monkeypatch):
    monkeypatch.setattr(security_events, "MOST_OPEN", 2)
    bench = Bench(charge_point, "2.1")
    for number in range(4):
        report(bench, techInfo=str(number))
    report(bench, "MemoryExhaustion")
    opened = SecurityEvent.objects.order_by("pk").values_list("is_open", flat=True)
    assert list(opened) == [True, True, False, False, True]


def test_history_of_a_charge_point_that_was_offline_comes_late(charge_point):
    report(Bench(charge_point, "1.6").after(days=9))
    event = SecurityEvent.objects.get()
    assert (event.received_at - event.at).days == 9


@pytest.fixture
def person(organization):
    return staff(organization, "operator")


def test_a_person_has_looked(charge_point, person):
    report(Bench(charge_point, "2.0.1"))
    event = SecurityEvent.objects.get()
    security_event_acknowledge(event=event, user=person, note=" Door closed. ", now=NOW)
    assert (event.is_open, event.acknowledged_by, event.note) == (False, person, "Door closed.")
    assert AuditEntry.objects.get(action="security_event.acknowledged", after__count=1).user == person
    with pytest.raises(Conflict):
        security_event_acknowledge(event=event, user=person, note="again", now=NOW)


def test_events_alike_are_seen_together_and_others_stay(charge_point, person):
    bench = Bench(charge_point, "2.0.1")
    for text in ("a", "b", "c"):
        report(bench, techInfo=text)
    report(bench, "MemoryExhaustion")
    other = charge_point_create(charge_point.organization)
    report(Bench(other, "2.0.1"))
    event = SecurityEvent.objects.get(tech_info="a")
    assert security_event_acknowledge(event=event, user=person, note="Seen.", alike=True, now=NOW) == 3
    assert set(SecurityEvent.objects.filter(is_open=True).values_list("kind", "charge_point")) == {
        ("MemoryExhaustion", charge_point.pk),
        ("TamperDetectionActivated", other.pk),
    }


def test_a_look_without_a_note_says_nothing(charge_point, person):
    report(Bench(charge_point, "2.0.1"))
    with pytest.raises(Invalid):
        security_event_acknowledge(event=SecurityEvent.objects.get(), user=person, note=" ", now=NOW)


def test_rest_filters_and_acknowledges(charge_point, person, client):
    bench = Bench(charge_point, "2.0.1")
    report(bench)
    report(bench, "StartupOfTheDevice")
    client.force_login(person)
    (row,) = client.get("/api/security-events/?is_open=true&severity=critical").json()["results"]
    assert (row["charge_point"], row["kind"]) == ("AMBER-1", "TamperDetectionActivated")
    url = f"/api/security-events/{row['id']}/acknowledge/"
    assert client.post(url, {}, content_type="application/json").status_code == 400
    seen = client.post(url, {"note": "Fine."}, content_type="application/json")
    assert (seen.status_code, seen.json()["acknowledged_by"]) == (200, person.username)
    assert client.post(url, {"note": "Fine."}, content_type="application/json").status_code == 409
    client.force_login(staff(charge_point.organization, "viewer"))
    assert client.post(url, {"note": "Fine."}, content_type="application/json").status_code == 403


def test_pages_show_and_acknowledge(charge_point, person, client):
    report(Bench(charge_point, "2.0.1"), techInfo="door 2")
    event = SecurityEvent.objects.get()
    client.force_login(person)
    listed = client.get("/admin/central/securityevent/?open=1&severity=critical").content.decode()
    assert "Its housing was opened" in listed
    assert "door 2" in listed
    page = client.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/").content.decode()
    assert f"/admin/central/securityevent/{event.pk}/change/" in page
    assert "securityevent/?open=1" in client.get("/admin/").content.decode()
    client.post(f"/admin/central/securityevent/{event.pk}/do/acknowledge/", {"note": "Closed."})
    event.refresh_from_db()
    assert (event.is_open, event.note) == (False, "Closed.")
    assert "Closed." in client.get(f"/admin/central/securityevent/{event.pk}/change/").content.decode()
