"""From what charge points really send to the CDR: OCPP messages in, money out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from central.ports import ports
from tests.billing.builders import ENERGY, FEE, LONG_AGO, PARKING, charge_point, default_tariff, organization
from tests.support.handlers import Bench, token_create
from tests.support.messages import status

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def bench(version: str, now: datetime = START) -> Bench:
    """A charge point of a company whose tariff is 1 EUR + 0.50 EUR/kWh + 6 EUR/h parking, 20 % VAT."""
    owner = organization()
    default_tariff(owner, FEE, ENERGY, PARKING, valid_from=LONG_AGO)
    token_create(owner)
    return Bench(charge_point(owner), version, now)


def cdr_of(place: Bench, minutes: float = 60) -> Cdr:
    cdr = cdr_create(session_id=place.session().pk, now=place.now + timedelta(minutes=minutes + 1))
    assert cdr is not None
    return cdr


def cost(place: Bench) -> Decimal:
    pk = place.session().pk
    return ports.running_cost([pk])[pk].amount_excl


def test_ocpp_1_6_session_with_parking():
    """1.6: StatusNotification SuspendedEV turns charging into parking."""
    place = bench("1.6")
    began = place.begin(wh=5000, at=START)
    frames = [
        status("1.6", 1, "Charging", START + timedelta(minutes=1)),
        began.meter(9000, START + timedelta(minutes=20)),
        began.meter(15_000, START + timedelta(minutes=40)),
        status("1.6", 1, "SuspendedEV", START + timedelta(minutes=40)),
        began.meter(15_000, START + timedelta(minutes=55)),
    ]
    for frame in frames:
        place.call(*frame)
    assert cost(place) == 1 + 5 + Decimal("1.5")
    place.call(*began.stop(15_000, START + timedelta(minutes=60)))
    cdr = cdr_of(place)
    assert cdr.review_reasons == []
    assert (cdr.energy_wh, cdr.parking_time_s) == (10_000, 1200)
    assert cdr.total_cost_excl == 8
    assert cost(place) == cdr.total_cost_excl


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_ocpp_2_session_with_parking(version):
    """2.x: transactionInfo.chargingState Idle turns charging into parking."""
    place = bench(version)
    began = place.begin(wh=5000, at=START)

    def say(minutes: int, wh: int, state: str) -> None:
        action, payload = began.meter(wh, START + timedelta(minutes=minutes))
        payload["transactionInfo"]["chargingState"] = state
        place.call(action, payload)

    say(1, 5000, "Charging")
    say(20, 9000, "Charging")
    say(30, 15_000, "Idle")
    assert cost(place) == 6
    place.call(*began.stop(15_000, START + timedelta(minutes=60)))
    cdr = cdr_of(place)
    assert cdr.review_reasons == []
    assert (cdr.energy_wh, cdr.parking_time_s) == (10_000, 1800)
    assert cost(place) == cdr.total_cost_excl == 9


def test_f12_register_that_begins_with_zero_is_never_the_bill():
    """F12: 910.031 kWh on the meter are 83 Wh charged; held for a person, and the driver never sees more."""
    place = bench("1.6")
    began = place.begin(wh=0, at=START)
    for minutes, register in ((10, 909_948), (20, 910_000)):
        place.call(*began.meter(register, START + timedelta(minutes=minutes)))
        assert cost(place) < 2
    place.call(*began.stop(910_031, START + timedelta(minutes=60)))
    cdr = cdr_of(place)
    assert (cdr.energy_wh, cdr.needs_review) == (83, True)
    assert sum(int(period["energy_wh"]) for period in cdr.periods) == 83


def test_f12_stop_below_start_is_held_and_never_negative():
    place = bench("1.6")
    began = place.begin(wh=8000, at=START)
    place.call(*began.stop(1000, START + timedelta(minutes=60)))
    cdr = cdr_of(place)
    assert (cdr.energy_wh, cdr.review_reasons) == (0, ["stop_below_start"])
    assert not cdr.ready_for_delivery


def test_f13_start_in_1970_is_held():
    place = bench("1.6")
    began = place.begin(wh=0, at=datetime(1970, 1, 1, tzinfo=UTC))
    place.call(*began.stop(4000, START + timedelta(minutes=60)))
    cdr = cdr_of(place)
    assert cdr.needs_review
    assert "clock_unset" in cdr.review_reasons
    assert cdr.energy_wh == 4000


def test_f14_an_hour_across_the_change_of_clocks_is_an_hour():
    """F14: Berlin, 2026-10-25, 02:30 summer time to 02:30 winter time is 60 minutes."""
    begin = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    place = bench("1.6", begin)
    began = place.begin(wh=0, timestamp="2026-10-25T02:30:00+02:00")
    place.call(*began.stop(4000, timestamp="2026-10-25T02:30:00+01:00"))
    cdr = cdr_of(place)
    assert cdr.total_time_s == 3600
    assert [period["time_s"] for period in cdr.periods] == ["3600"]


def test_repeated_stop_changes_nothing():
    """F8: a stop sent again, before and after the CDR, leaves one CDR with the same money."""
    place = bench("1.6")
    began = place.begin(wh=0, at=START)
    stop = began.stop(4000, START + timedelta(minutes=60))
    place.call(*stop)
    place.call(*stop)
    first = cdr_of(place)
    place.call(*stop)
    assert cdr_of(place, 90).pk == first.pk
    assert Cdr.objects.count() == 1
