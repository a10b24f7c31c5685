"""The page of a session: states, meter, orders, authorisation and price steps on one time line."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from billing.services.cdrs import cdr_create
from billing.services.running_cost import running_costs
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import Command, Message, MeterValue, OfflineSpan, SessionEvent
from tests.billing.builders import (
    LONG_AGO,
    START,
    at,
    charge_point,
    components,
    default_tariff,
    ended_session,
    events,
    meter,
    organization,
    running_session,
    statuses,
)
from tests.support.registry import person

CHEAP_LATER = [
    {
        "price_components": [{"type": "ENERGY", "price": 0.2, "vat": 0, "step_size": 1}],
        "restrictions": {"start_time": "08:30"},
    },
    *components({"type": "ENERGY", "price": 0.5, "vat": 0, "step_size": 1}),
]
ENTRY = re.compile(r'<li class="em-\w+" data-kind="(\w+)">(.*?)</li>', re.DOTALL)


@pytest.fixture
def box(db):
    owner = organization(time_zone="UTC")
    made = tariff_create(
        organization=owner,
        tariff_id="T1",
        name="Day and later",
        currency="EUR",
        elements=CHEAP_LATER,
        valid_from=LONG_AGO,
        now=START,
    )
    tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=START)
    return charge_point(owner)


def story(session, role="operator", kind=""):
    """The time line as (kind, words)."""
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(person(session.organization, role, name=f"{role}{kind}", is_staff=True))
    response = client.get(f"/admin/central/session/{session.pk}/change/?kind={kind}")
    assert response.status_code == 200
    page = response.content.decode().replace("\xa0", " ")
    return [(each, re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", words))) for each, words in ENTRY.findall(page)]


def texts(entries, kind):
    return [words for each, words in entries if each == kind]


def charged(box, **fields):
    session = ended_session(
        box, authorization_status="Accepted", id_tag="TAG-7", stop_reason="EVDisconnected", **fields
    )
    meter(session, (20, 5_000), (30, 6_000), (60, 11_000), power_w=9_000)
    statuses(session, [(0, "Charging"), (60, "Available")])
    return session


def test_price_steps_tell_when_each_price_counted_and_what_it_added(box):
    session = charged(box)
    cdr_create(session_id=session.pk, now=at(61))
    tariff, first, second = texts(story(session), "price")
    assert "Day and later · 1" in tariff
    assert "Energy: 2.50 EUR 5 kWh at 0.50 EUR/kWh" in first
    assert "08:30:00" in second
    assert "Energy: 1.00 EUR 5 kWh at 0.20 EUR/kWh (after 08:30)" in second
    assert "3.50 EUR so far" in second


def test_the_parts_of_a_price_are_told_so_that_they_add_up(db):
    """0.595 and 0.0691 are 0.66: rounded each by itself they would be 0.67."""
    owner = organization(time_zone="UTC")
    fee = {"type": "FLAT", "price": 0.5, "vat": 19, "step_size": 1}
    default_tariff(owner, fee, {"type": "ENERGY", "price": 0.45, "vat": 19, "step_size": 1})
    session = ended_session(charge_point(owner), wh=129)
    cdr = cdr_create(session_id=session.pk, now=at(61))
    assert cdr is not None
    fee_told, energy_told = texts(story(session), "price")[1:]
    assert "0.595 EUR" in fee_told
    assert ("0.0691 EUR" in energy_told, "0.66 EUR so far" in energy_told) == (True, True)
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(person(owner, "viewer", is_staff=True))
    page = client.get(f"/admin/billing/cdr/{cdr.pk}/change/").content.decode().replace("\xa0", " ")
    assert all(amount in page for amount in ("0.595 EUR", "0.0691 EUR", "<b>0.66 EUR</b>"))


def test_a_running_session_shows_its_steps_before_there_is_a_cdr(box):
    session = running_session(box, energy_wh=8_000, meter_last_wh=9_000)
    running_costs([session.pk])
    meter(session, (20, 5_000), (30, 6_000), (45, 9_000))
    steps = texts(story(session), "price")
    assert "Energy: 2.50 EUR" in steps[1]
    assert "Energy: 0.60 EUR" in steps[2]


def test_the_time_line_is_in_order_and_gives_causes(box):
    session = charged(box)
    Command.objects.create(
        organization=box.organization,
        charge_point=box,
        order="unlock",
        state="accepted",
        source="system",
        reason="Plug was stuck",
        created_at=at(59),
        expires_at=at(69),
    )
    OfflineSpan.objects.create(charge_point=box, began_at=at(40), ended_at=at(42))
    told = [words for _kind, words in story(session)]
    wanted = [
        "The start was accepted The tag is known here and may charge (Accepted)",
        "The session began at 1.000 kWh With the tag TAG-7",
        "The connection was lost",
        "Connected again After 2 min",
        "Ordered by system: Plug was stuck",
        "The session ended with 10.000 kWh Cable unplugged by the car (EVDisconnected)",
    ]
    places = [next(number for number, words in enumerate(told) if each in words) for each in wanted]
    assert places == sorted(places)


def test_entries_lead_to_the_frame_that_told_them(box):
    session = charged(box)
    start = Message.objects.create(
        charge_point=box, direction="in", kind=2, action="StartTransaction", message_id="a", at=at(0)
    )
    shown, answer = (
        Message.objects.create(
            charge_point=box,
            direction=way,
            kind=kind,
            action="Authorize",
            message_id="b",
            payload=payload,
            at=at(-1),
        )
        for way, kind, payload in (
            ("in", 2, {"idTag": "TAG-7"}),
            ("out", 3, {"idTagInfo": {"status": "Accepted"}}),
        )
    )
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(person(box.organization, "operator", is_staff=True))
    page = client.get(f"/admin/central/session/{session.pk}/change/?kind=frame").content.decode()
    assert f"/admin/central/message/{start.pk}/change/" in page
    assert f"/admin/central/message/{shown.pk}/change/" in page
    assert f"/admin/central/message/{answer.pk}/change/" not in page
    assert "The tag was held to the reader" in page


def test_one_kind_alone_and_nothing_of_other_drivers(box):
    session = charged(box)
    statuses(session, [(-4, "Charging"), (-3, "Available"), (-1, "Preparing"), (61, "Charging")])
    entries = story(session, kind="state")
    assert {kind for kind, _words in entries} == {"state"}
    assert [words.split(" Connector: ")[1].split()[0] for _kind, words in entries] == [
        "Available",
        "Preparing",
        "Charging",
        "Available",
    ]


def test_doings_of_2x_have_their_trigger_as_cause(box):
    session = running_session(box, ocpp_version="2.0.1")
    events(session, [(10, "SuspendedEV")])
    SessionEvent.objects.update(
        kind="update",
        payload={
            "triggerReason": "ChargingStateChanged",
            "transactionInfo": {"chargingState": "SuspendedEV"},
        },
    )
    (words,) = texts(story(session), "state")
    assert "The car takes nothing for now (SuspendedEV)" in words
    assert "The car or the charge point changed what it does (ChargingStateChanged)" in words


def test_a_host_sees_the_story_without_orders_and_frames(box):
    session = charged(box)
    Message.objects.create(charge_point=box, direction="in", kind=2, action="BootNotification", at=at(1))
    box.site = box.organization.sites.create(name="Yard")
    box.save()
    host = person(box.organization, "partner", is_staff=True)
    host.sites.add(box.site)
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(host)
    page = client.get(f"/admin/central/session/{session.pk}/change/").content.decode()
    assert "The session began" in page
    assert "BootNotification" not in page


def test_ten_thousand_values_cost_no_more_statements(box, client, django_assert_max_num_queries):
    session = running_session(box, ocpp_version="2.0.1", energy_wh=20_000)
    running_costs([session.pk])
    step = timedelta(seconds=2)
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point=box,
            session=session,
            sampled_at=START + number * step,
            received_at=START,
            register_wh=1000 + 2 * number,
        )
        for number in range(10_000)
    )
    SessionEvent.objects.bulk_create(
        SessionEvent(
            charge_point=box,
            session=session,
            key=str(number),
            kind="update",
            at=START + number * step,
            received_at=START + number * step,
            payload={"triggerReason": "MeterValuePeriodic", "transactionInfo": {}},
        )
        for number in range(2_000)
    )
    client.force_login(person(box.organization, "operator", is_staff=True))
    with django_assert_max_num_queries(17):
        page = client.get(f"/admin/central/session/{session.pk}/change/").content.decode()
    assert len(ENTRY.findall(page)) < 20
    assert "Energy: <b>" in page
