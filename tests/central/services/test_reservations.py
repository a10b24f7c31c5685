"""Reservations: every way from one state to the next (1.6 §5.1, §5.13; 2.x H01-H04)."""

from datetime import timedelta

import pytest

from central.models import Command, IdTokenGroup, Reservation
from central.services.reservation_ends import reservations_sweep, reservations_use
from central.services.reservations import reservation_undelivered
from emobility.lib.errors import Invalid, NotFound
from registry.models import Event
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.power import answered, built, meant, placed

UNTIL = NOW + timedelta(hours=1)
LATER = UNTIL + timedelta(minutes=2)
VERSIONS = ["1.6", "2.0.1", "2.1"]
TWO = ["2.0.1", "2.1"]


def reserve(charge_point, **params):
    values = {"id_tag": "TAG-1", "expires_at": UNTIL, "evse_number": 1} | params
    return placed(charge_point, "reserve", **{k: v for k, v in values.items() if v is not None})


def held(charge_point, version="1.6", **params):
    """A reservation that the charge point accepted."""
    command = reserve(charge_point, **params)
    assert answered(version, command, {"status": "Accepted"})
    return Reservation.objects.get(command=command)


def state(reservation):
    reservation.refresh_from_db()
    return reservation.state


def used(bench, reservation, **changes):
    """A session begins, and the receivers hear of it."""
    bench.begin(**changes)
    reservations_use(session_ids=[bench.sessions()[-1].pk], now=NOW)
    return state(reservation)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"])
def test_the_answer_decides(charge_point, version, status):
    command = reserve(charge_point)
    assert Reservation.objects.get().state == "requested"
    assert answered(version, command, {"status": status}) is (status == "Accepted")
    row = Reservation.objects.get()
    assert (row.state, row.word) == ("active" if status == "Accepted" else "rejected", status)
    assert list(Event.objects.filter(kind="reservation.changed").values_list("data__state", flat=True)) == [
        row.state,
        "requested",
    ]


def test_the_request_in_1_6(charge_point, organization):
    """1.6 §6.37: connector 0 is any; a parent longer than 20 characters is left out."""
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    token_create(organization, "Tag-1", group=group)
    number = Reservation.objects.get(command=(command := reserve(charge_point, evse_number=None))).number
    assert built("1.6", command) == (
        "ReserveNow",
        {
            "connectorId": 0,
            "expiryDate": "2026-03-02T13:00:00.000Z",
            "idTag": "Tag-1",
            "parentIdTag": "FLEET",
            "reservationId": number,
        },
    )
    assert "parentIdTag" not in built("1.6", reserve(charge_point, group="G" * 21))[1]


@pytest.mark.parametrize("version", TWO)
def test_the_request_in_2(charge_point, organization, version):
    token_create(organization, "TAG-1", token_type="ISO14443")
    command = reserve(charge_point, group="FLEET", connector_type="cCCS2", evse_number=None)
    assert built(version, command)[1] == {
        "id": Reservation.objects.get().number,
        "expiryDateTime": "2026-03-02T13:00:00.000Z",
        "idToken": {"idToken": "TAG-1", "type": "ISO14443"},
        "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        "connectorType": "cCCS2",
    }
    assert built(version, reserve(charge_point))[1]["evseId"] == 1


def test_what_1_6_cannot_say_is_told(charge_point):
    with pytest.raises(ValueError, match="20 characters"):
        built("1.6", reserve(charge_point, id_tag="T" * 21))
    with pytest.raises(ValueError, match="not by type"):
        built("1.6", reserve(charge_point, connector_type="cCCS2"))


def test_wrong_parameters_are_named(charge_point):
    with pytest.raises(Invalid) as fault:
        placed(charge_point, "reserve", id_tag="", expires_at="tomorrow", evse_number=0)
    assert set(fault.value.fields) == {"id_tag", "expires_at", "evse_number"}
    assert not Reservation.objects.exists()


def test_a_number_replaces_that_reservation(charge_point):
    """1.6 §5.13, H01.FR.02."""
    first = held(charge_point)
    second = reserve(charge_point, id_tag="TAG-2", reservation_id=first.number)
    assert (state(first), first.id_tag, first.command_id) == ("requested", "TAG-2", second.pk)


def test_numbers_never_meet_foreign_ones(charge_point):
    """A reservation made by hand took the number that ours would get."""
    first = held(charge_point)
    Reservation.objects.filter(pk=first.pk).update(number=first.pk + 1)
    second = held(charge_point)
    assert second.number != first.pk + 1
    assert 0 < second.number < 2**31


@pytest.mark.parametrize("version", VERSIONS)
def test_a_raw_request_makes_a_row(charge_point, version):
    payload = {
        "1.6": {"connectorId": 0, "expiryDate": "2026-03-02T13:00:00Z", "idTag": "X", "reservationId": 7},
    }.get(
        version,
        {
            "id": 7,
            "expiryDateTime": "2026-03-02T13:00:00Z",
            "idToken": {"idToken": "X", "type": "Central"},
        },
    )
    command = placed(charge_point, "reservation_cancel", reservation_id=1)
    for _ in range(2):
        assert meant(version, command, "ReserveNow", payload, {"status": "Accepted"})
    row = Reservation.objects.get()
    assert (row.number, row.state, row.id_tag, row.evse_number) == (7, "active", "X", None)
    assert row.expires_at == UNTIL


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_that_names_it_uses_it(charge_point, token, version):
    """1.6 §5.13, E03.FR.03, H01.FR.15."""
    bench, row = Bench(charge_point, version), held(charge_point, version, evse_number=2)
    named = {"reservationId": row.number}
    assert used(bench, row, connector=1, **named) == "used"
    assert row.session == bench.session()


@pytest.mark.parametrize("before", ["requested", "unknown", "removed", "expired", "cancelled", "rejected"])
def test_who_names_it_is_believed(charge_point, token, bench, before):
    row = held(charge_point)
    Reservation.objects.update(state=before)
    assert used(bench, row, reservationId=row.number) == "used"


@pytest.mark.parametrize(
    ("params", "tag", "connector", "expected"),
    [
        ({}, "TAG-1", 1, "used"),
        ({"id_tag": "tag-1"}, "TAG-1", 1, "used"),
        ({"evse_number": None}, "TAG-1", 2, "used"),
        ({"id_tag": "OTHER", "group": "FLEET"}, "TAG-1", 1, "used"),
        ({}, "TAG-1", 2, "active"),
        ({}, "TAG-2", 1, "active"),
        ({"id_tag": "OTHER"}, "TAG-1", 1, "active"),
    ],
)
def test_a_session_that_does_not_name_it(organization, charge_point, params, tag, connector, expected):
    """1.6 §5.13: used by the tag or its group, on the reserved connector or any."""
    fleet = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    token_create(organization, group=fleet)
    row = held(charge_point, **params)
    Reservation.objects.update(group=params.get("group", ""))
    assert used(Bench(charge_point, "1.6"), row, tag=tag, connector=connector) == expected


def test_a_session_of_another_charge_point_uses_nothing(charge_point, organization, token):
    row = held(charge_point)
    other = Bench(charge_point_create(organization), "1.6")
    assert used(other, row, reservationId=row.number) == "active"


def test_the_reservation_of_the_connector_goes_before_one_of_any(charge_point, bench, token):
    anywhere, here = held(charge_point, evse_number=None), held(charge_point, evse_number=1)
    assert used(bench, here) == "used"
    assert state(anywhere) == "active"


def test_a_reservation_is_used_once(charge_point, bench, token):
    row = held(charge_point)
    used(bench, row)
    first = row.session
    assert used(bench, row, connector=2, reservationId=row.number) == "used"
    assert row.session == first


@pytest.mark.parametrize(
    ("version", "word", "expected"),
    [
        ("2.0.1", "Expired", "expired"),
        ("2.0.1", "Removed", "removed"),
        ("2.1", "Expired", "expired"),
        ("2.1", "NoTransaction", "removed"),
    ],
)
def test_the_charge_point_ends_it(charge_point, version, word, expected):
    """H04, H01.FR.16, H01.FR.17; NoTransaction: H03.FR.11 (2.1)."""
    row = held(charge_point, version)
    for _ in range(2):
        update = {"reservationId": row.number, "reservationUpdateStatus": word}
        assert Bench(charge_point, version).call("ReservationStatusUpdate", update) == {}
    assert (state(row), row.word) == (expected, word)
    assert Event.objects.filter(kind="reservation.changed").count() == 3


@pytest.mark.parametrize("version", TWO)
def test_an_unknown_one_is_noted_and_invents_no_row(charge_point, version):
    update = {"reservationId": 99, "reservationUpdateStatus": "Removed"}
    assert Bench(charge_point, version).call("ReservationStatusUpdate", update) == {}
    assert not Reservation.objects.exists()
    assert Event.objects.get(kind="reservation.unknown").data == {"status": "Removed"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("status", "expected"), [("Accepted", "cancelled"), ("Rejected", "unknown")])
def test_a_cancel(charge_point, version, status, expected):
    """1.6 §5.1, H02.FR.01: Rejected says that it is not there."""
    row = held(charge_point, version)
    command = placed(charge_point, "reservation_cancel", reservation=row.pk)
    assert built(version, command) == ("CancelReservation", {"reservationId": row.number})
    assert answered(version, command, {"status": status}) is (status == "Accepted")
    assert state(row) == expected


def test_a_cancel_of_one_that_we_do_not_have_is_sent(charge_point):
    command = placed(charge_point, "reservation_cancel", reservation_id=4711)
    assert built("1.6", command)[1] == {"reservationId": 4711}
    assert not answered("1.6", command, {"status": "Rejected"})
    assert not Reservation.objects.exists()


def test_a_cancel_needs_a_handle(charge_point):
    with pytest.raises(Invalid):
        placed(charge_point, "reservation_cancel")
    with pytest.raises(NotFound):
        placed(charge_point, "reservation_cancel", reservation=1)


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("failed", "rejected"),
        ("expired", "cancelled"),
        ("cancelled", "cancelled"),
        ("timed_out", "unknown"),
        ("unknown", "unknown"),
        ("queued", "requested"),
        ("sent", "requested"),
    ],
)
def test_an_order_that_nobody_answered(charge_point, ended, expected):
    command = reserve(charge_point)
    Command.objects.update(state=ended)
    reservation_undelivered(command_ids=[command.pk], now=NOW)
    assert Reservation.objects.get().state == expected


def test_a_late_answer_counts(charge_point):
    command = reserve(charge_point)
    Command.objects.update(state="timed_out")
    reservations_sweep(now=NOW)
    assert Reservation.objects.get().state == "unknown"
    assert answered("1.6", command, {"status": "Accepted"})
    assert Reservation.objects.get().state == "active"
