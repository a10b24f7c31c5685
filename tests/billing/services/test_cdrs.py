"""CDRs: exactly one for each ended session, with the session's energy and the fold's price, never changed."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from billing.models import Cdr, SessionRating
from billing.services.cdrs import cdr_create
from billing.services.rating import rate
from billing.services.rating_state import Period
from billing.services.tariffs import version_structure
from billing.signals import cdr_created
from emobility.lib import bell
from emobility.lib.errors import Conflict, NotFound
from registry.models import Event
from tests.billing.builders import (
    ENERGY,
    FEE,
    LONG_AGO,
    PARKING,
    START,
    at,
    charge_point,
    default_tariff,
    ended_session,
    events,
    meter,
    organization,
    running_session,
    statuses,
)

NOW = at(61)


@pytest.fixture
def box(db):
    owner = organization()
    default_tariff(owner, FEE, ENERGY, PARKING)
    return charge_point(owner)


def make(session, now=NOW) -> Cdr:
    cdr = cdr_create(session_id=session.pk, now=now)
    assert cdr is not None
    return cdr


def test_cdr_has_the_sessions_energy_and_the_price_of_its_tariff(box):
    """1 EUR + 10 kWh at 0.50 + 20 min parking at 6 an hour, 20 % VAT."""
    session = ended_session(box)
    meter(session, (20, 6000), (40, 11_000), (60, 11_000))
    statuses(session, [(0, "Charging"), (40, "SuspendedEV")])
    cdr = make(session)
    assert cdr.energy_wh == 10_000
    assert (cdr.total_time_s, cdr.parking_time_s) == (3600, 1200)
    assert (cdr.total_cost_excl, cdr.total_cost_incl) == (Decimal("8.0000"), Decimal("9.6000"))
    assert cdr.costs == {
        "fixed": {"excl_vat": "1.0000", "incl_vat": "1.2000"},
        "energy": {"excl_vat": "5.0000", "incl_vat": "6.0000"},
        "parking": {"excl_vat": "2.0000", "incl_vat": "2.4000"},
    }
    assert [(each["energy_wh"], each["time_s"], each["parking_time_s"]) for each in cdr.periods] == [
        ("10000", "2400", "0"),
        ("0", "0", "1200"),
    ]
    assert cdr.tariff is not None
    assert (cdr.tariff["id"], cdr.tariff["country_code"]) == ("T1", "DE")
    assert cdr.ready_for_delivery
    assert list(Cdr.objects.ready_for_delivery()) == [cdr]


def test_charging_states_of_a_2x_transaction_tell_parking(box):
    session = ended_session(box, ocpp_version="2.0.1")
    events(session, [(0, "EVConnected"), (1, "Charging"), (30, "Idle")])
    assert make(session).parking_time_s == 1800


def test_periods_of_the_cdr_priced_again_give_its_total(box):
    """I4: whoever works it out again from what the CDR says finds the same money."""
    session = ended_session(box, wh=7_777)
    meter(session, (7, 2345), (31, 8777), (50, 8777))
    cdr = make(session)
    periods = [
        Period(
            datetime.fromisoformat(each["start_date_time"]),
            datetime.fromisoformat(each["end_date_time"]),
            Decimal(each["energy_wh"]),
            Decimal(each["time_s"]),
            Decimal(each["parking_time_s"]),
        )
        for each in cdr.periods
    ]
    assert cdr.tariff_version is not None
    assert rate(version_structure(cdr.tariff_version), periods).total_incl == cdr.total_cost_incl
    assert sum(period.energy_wh for period in periods) == session.energy_wh


def test_repeat_gives_the_same_cdr_and_one_event(box):
    session = ended_session(box)
    first = make(session)
    assert make(session, now=at(500)).pk == first.pk
    event = Event.objects.get(kind="cdr.created")
    assert event.data["session_id"] == session.pk
    assert event.subject == first.cdr_id


@pytest.mark.django_db(transaction=True)
def test_others_hear_of_it_after_the_commit():
    owner = organization()
    heard = []
    session = ended_session(charge_point(owner))

    def listen(cdr_id, **_):
        heard.append(Cdr.objects.get(pk=cdr_id).session_id)

    cdr_created.connect(listen)
    try:
        make(session)
        make(session)
        assert bell.drain()
    finally:
        cdr_created.disconnect(listen)
    assert heard == [session.pk]


@pytest.mark.django_db(transaction=True)
def test_exactly_one_cdr_whoever_asks_at_once():
    """I2: many workers at the same session make one CDR, and all get that one."""
    owner = organization()
    default_tariff(owner)
    session = ended_session(charge_point(owner))
    threads = 20 if connection.vendor == "postgresql" else 4
    barrier = threading.Barrier(threads)
    found, trouble = [], []

    def work() -> None:
        try:
            barrier.wait(timeout=20)
            found.append(make(session).pk)
        except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
            trouble.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert trouble == []
    assert found == [Cdr.objects.get().pk] * threads
    assert Event.objects.filter(kind="cdr.created").count() == 1


def test_running_session_has_no_cdr_and_an_unknown_one_is_refused(box):
    assert cdr_create(session_id=running_session(box).pk, now=NOW) is None
    with pytest.raises(NotFound):
        cdr_create(session_id=0, now=NOW)


def test_provisional_end_waits_for_the_real_one(box):
    """F10: a real stop within 72 h wins; after that the CDR is made, held for review."""
    session = ended_session(box, provisional_end=True, end_received_at=at(60))
    assert cdr_create(session_id=session.pk, now=at(60) + timedelta(hours=71)) is None
    late = make(session, now=at(60) + timedelta(hours=72))
    assert late.review_reasons == ["provisional_end"]
    assert not late.ready_for_delivery


def test_real_stop_before_the_wait_is_over_is_billed_at_once(box):
    session = ended_session(box, provisional_end=True)
    cdr_create(session_id=session.pk, now=at(65))
    session.provisional_end, session.energy_wh = False, 12_000
    session.save()
    cdr = make(session, now=at(70))
    assert (cdr.energy_wh, cdr.needs_review) == (12_000, False)


@pytest.mark.parametrize(
    "reason",
    ["stop_below_start", "impossible_energy", "not_authorized", "clock_unset", "start_register_zero"],
)
def test_f12_what_does_not_add_up_is_kept_and_not_sent_on(box, reason):
    """F12, F13: held for a person, never negative, never invoiced unseen."""
    session = ended_session(box, needs_review=True, review_reasons=[reason], wh=0)
    cdr = make(session)
    assert (cdr.needs_review, cdr.review_reasons, cdr.ready_for_delivery) == (True, [reason], False)
    assert cdr.total_cost_incl >= 0
    assert not Cdr.objects.ready_for_delivery().exists()


def test_start_in_1970_does_not_stop_the_cdr(box):
    """F13: 56 years of a clock that was never set become a held CDR, not an error."""
    begin = START.replace(year=1970)
    session = ended_session(box, started_at=begin, needs_review=True, review_reasons=["clock_unset"])
    cdr = make(session)
    assert cdr.review_reasons == ["clock_unset", "no_tariff"]
    assert cdr.energy_wh == 10_000


def test_end_before_start_costs_no_time(box):
    session = ended_session(box, minutes=-5, wh=100)
    cdr = make(session)
    assert (cdr.total_time_s, cdr.energy_wh, cdr.ended_at) == (0, 100, cdr.started_at)


def test_absurd_energy_gives_a_held_cdr_without_an_amount(box):
    session = ended_session(box, wh=2**62)
    cdr = make(session)
    assert cdr.total_cost_incl == 0
    assert cdr.review_reasons == ["absurd_amount"]


def test_session_without_a_tariff_is_held_not_given_away(db):
    session = ended_session(charge_point(organization(currency="SEK")))
    cdr = make(session)
    assert cdr.total_cost_incl == 0
    assert (cdr.currency, cdr.review_reasons) == ("SEK", ["no_tariff"])


def test_tariff_put_in_force_later_but_valid_then_is_found(db):
    owner = organization()
    session = ended_session(charge_point(owner))
    SessionRating.objects.create(session=session)
    default_tariff(owner)
    assert make(session).total_cost_excl == 5


def test_cdr_cannot_be_changed(box):
    cdr = make(ended_session(box))
    cdr.energy_wh = 1
    with pytest.raises(Conflict):
        cdr.save()


def test_replaying_the_start_of_the_year_prices_by_the_old_version(box):
    """F7: an offline session is priced by what was in force when it began, not when it was sent."""
    session = ended_session(box, started_at=LONG_AGO + timedelta(days=1), start_received_at=START)
    assert make(session).tariff_version is not None
