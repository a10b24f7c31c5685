"""What reservations cost: before a session, and where nobody comes (OCPI 2.2.1 §11.4.3)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

from billing.models import Cdr, SessionRating
from billing.services.cdrs import cdr_create
from billing.services.expired_reservations import expired_reservations_bill
from billing.services.live_folds import folds_forget
from billing.services.pricing import cdr_priced
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import ChargePointStatus, Reservation, Session
from central.ports import ports
from central.services.reservation_ends import reservations_sweep, reservations_use
from ocpi.models import ReservedSession
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.services.reserved_sessions import reserved_keep
from tests.billing.builders import ENERGY, LONG_AGO
from tests.ocpi import roaming
from tests.ocpi.conftest import now
from tests.ocpi.rows import VERSIONS, Asker, organization, partner
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.power import answered, placed

pytestmark = pytest.mark.django_db
UNTIL = NOW + timedelta(hours=1)
ELEMENTS: list[dict[str, Any]] = [
    {
        "price_components": [{"type": "TIME", "price": 5, "vat": 20, "step_size": 300}],
        "restrictions": {"reservation": "RESERVATION"},
    },
    {
        "price_components": [{"type": "FLAT", "price": 4, "vat": 20, "step_size": 1}],
        "restrictions": {"reservation": "RESERVATION_EXPIRES"},
    },
    {"price_components": [{"type": "FLAT", "price": 1, "vat": 20, "step_size": 1}, ENERGY]},
]


@pytest.fixture
def bench() -> Bench:
    """A charge point where reserving costs 5.00/h in steps of 5 minutes, and 4.00 where nobody comes."""
    owner = organization("CPO")
    made = tariff_create(
        organization=owner,
        tariff_id="T",
        name="T",
        currency="EUR",
        elements=ELEMENTS,
        valid_from=LONG_AGO,
        now=NOW,
    )
    tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=NOW)
    token_create(owner, party=roaming.provider(owner), contract_id="NL-TST-C1")
    charge_point = charge_point_create(owner, "BOX-1")
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="1.6", connection_id=uuid4())
    return Bench(charge_point, "1.6")


def held(bench: Bench) -> Reservation:
    command = placed(bench.charge_point, "reserve", id_tag="TAG-1", expires_at=UNTIL, evse_number=1)
    assert answered("1.6", command, {"status": "Accepted"})
    return Reservation.objects.get(command=command)


def cost(session: Session) -> Decimal:
    return ports.running_cost([session.pk])[session.pk].amount_excl


def steps(session: Session) -> list[str]:
    """The sums without tax on the page of the session."""
    found = ports.price_steps(session).steps
    return [f"{(step.total_incl / Decimal('1.2')).normalize():f}" for step in found]


def end(bench: Bench, transaction: Any, minutes: int, wh: int) -> Cdr:
    at = NOW + timedelta(minutes=minutes)
    bench.at(at).call(*transaction.stop(wh, at))
    cdr = cdr_create(session_id=bench.sessions()[-1].pk, now=at)
    assert cdr is not None
    return cdr


@pytest.mark.parametrize("named", [True, False])
def test_the_minutes_before_the_start_are_priced_live_and_in_the_cdr(bench: Bench, named: bool) -> None:
    """13 minutes are 15 by the step (OCPI 2.3.0 §11.2.2.16): 1.25, then 1.00 and 5.00 for 10 kWh."""
    row = held(bench)
    late = bench.after(minutes=13)
    said: dict[str, Any] = {"reservationId": row.number} if named else {}
    transaction = late.begin(**said)
    session = bench.session()
    assert cost(session) == (Decimal("2.25") if named else Decimal(1))
    reservations_use(session_ids=[session.pk], now=late.now)
    assert cost(session) == Decimal("2.25")
    late.after(minutes=30).call(*transaction.meter(4000, late.now + timedelta(minutes=30)))
    assert cost(session) == Decimal("4.25")
    folds_forget()
    assert cost(session) == Decimal("4.25")
    SessionRating.objects.update(state={})
    folds_forget()
    assert cost(session) == Decimal("4.25")
    assert steps(bench.session()) == ["1.25", "2.25", "4.25"]
    cdr = end(bench, transaction, 73, 10_000)
    assert steps(bench.session()) == ["1.25", "2.25", "7.25"]
    assert (cdr.total_cost_excl, cost(session)) == (Decimal("7.25"), Decimal("7.25"))
    assert cdr.costs["reservation"] == {"excl_vat": "1.2500", "incl_vat": "1.5000"}
    assert (cdr.started_at, cdr.total_time_s) == (NOW, 3600)
    assert cdr.periods[0]["reservation_time_s"] == "780"


def reservation_fee(bench: Bench) -> None:
    """Beside the price of its time, from now on at this charge point."""
    owner = bench.charge_point.organization
    fee = {"type": "FLAT", "price": 2, "vat": 20, "step_size": 1}
    reserved = ELEMENTS[0] | {"price_components": [fee, *ELEMENTS[0]["price_components"]]}
    made = tariff_create(
        organization=owner,
        tariff_id="F",
        name="F",
        currency="EUR",
        elements=[reserved, ELEMENTS[2]],
        valid_from=LONG_AGO,
        now=NOW,
    )
    tariff_assign(organization=owner, tariff=made, charge_point=bench.charge_point, now=LONG_AGO)


@pytest.mark.parametrize("was_answered", [True, False])
def test_a_start_that_is_told_before_the_acceptance_costs_the_fee_and_no_time(
    bench: Bench, settings: LazySettings, was_answered: bool
) -> None:
    """The charge point's clock is two minutes behind ours, or its answer was lost: 2.00, 1.00 and 5.00."""
    reservation_fee(bench)
    row = held(bench)
    if not was_answered:
        Reservation.objects.update(held_at=None, state="unknown")
    transaction = bench.after(minutes=1).begin(at=NOW - timedelta(minutes=1), reservationId=row.number)
    session = bench.session()
    assert cost(session) == 3
    reservations_use(session_ids=[session.pk], now=NOW)
    folds_forget()
    assert cost(session) == 3
    bench.after(minutes=60).call(*transaction.stop(10_000, NOW + timedelta(minutes=60)))
    cdr = cdr_create(session_id=session.pk, now=now() - timedelta(seconds=1))
    assert cdr is not None
    assert steps(bench.session()) == ["2", "3", "8"]
    assert cdr.total_cost_excl == cost(session) == 8
    assert cdr.started_at == session.started_at
    assert cdr.costs["reservation"] == {"excl_vat": "2.0000", "incl_vat": "2.4000"}
    cdrs_seal_missing(now=now())
    (told,) = Asker(partner(session.organization, "EMSP", "2.2.1"), settings).data("GET", "sender/cdrs")
    assert told["charging_periods"][0]["dimensions"] == [{"type": "RESERVATION_TIME", "volume": 0}]
    assert cdr_priced(tariff=told["tariffs"][0], cdr=told)["total_cost"]["excl_vat"] == 8


def test_a_number_used_again_costs_the_session_before_nothing(bench: Bench) -> None:
    row = held(bench)
    transaction = bench.after(minutes=13).begin(reservationId=row.number)
    reservations_use(session_ids=[bench.session().pk], now=NOW)
    session = bench.session()
    Reservation.objects.update(session=None, held_at=None, requested_at=NOW + timedelta(minutes=20))
    assert end(bench, transaction, 73, 10_000).total_cost_excl == 6
    assert cost(session) == 6


def test_one_tied_after_the_cdr_corrects_it(bench: Bench) -> None:
    """A lost bell: the sweep ties a short session later, and the bill follows with a credit."""
    held(bench)
    transaction = bench.after(minutes=12).begin()
    first = end(bench, transaction, 13, 0)
    assert first.total_cost_excl == 1
    reservations_sweep(now=NOW + timedelta(minutes=14))
    again = cdr_create(session_id=bench.session().pk, now=NOW + timedelta(minutes=14))
    assert again is not None
    assert again.total_cost_excl == Decimal("2.25")
    assert sum(each.total_cost_excl for each in Cdr.objects.all()) == Decimal("2.25")


@pytest.mark.parametrize("version", VERSIONS)
def test_nobody_comes(bench: Bench, settings: LazySettings, version: str) -> None:
    """The whole hour and the fee, in a CDR of its own that partners get; once."""
    row = held(bench)
    after = UNTIL + timedelta(minutes=2)
    reserved_keep(reservation_ids=[row.pk], now=NOW)
    reservations_sweep(now=after)
    reserved_keep(reservation_ids=[row.pk], now=after)
    assert expired_reservations_bill(now=after, limit=10) == 1
    assert expired_reservations_bill(now=after, limit=10) == 0
    session = bench.session()
    row.refresh_from_db()
    assert (row.state, row.session, session.energy_wh, session.state) == ("expired", session, 0, "ended")
    assert cost(session) == 9
    cdr = cdr_create(session_id=session.pk, now=now() - timedelta(seconds=1))
    assert cdr is not None
    assert not cdr.needs_review
    assert (cdr.total_cost_excl, cdr.total_time_s, list(cdr.costs)) == (Decimal(9), 0, ["reservation"])
    assert steps(session) == ["4", "9"]
    told_to_partners(bench, settings, version)


def told_to_partners(bench: Bench, settings: LazySettings, version: str) -> None:
    cdrs_seal_missing(now=now())
    asker = Asker(partner(bench.charge_point.organization, "EMSP", version), settings)
    (told,) = asker.data("GET", "sender/cdrs")
    CDR.parse(told, version)
    uid = told.get("session_id")
    dimensions = {each["type"]: each["volume"] for each in told["charging_periods"][0]["dimensions"]}
    assert dimensions == ({"TIME": 0} if version == "2.1.1" else {"RESERVATION_TIME": 1})
    (told,) = asker.data("GET", "sender/sessions?date_from=2020-01-01T00:00:00Z")
    assert (told["status"], told["kwh"], told["auth_method"] != "WHITELIST") == ("COMPLETED", 0, True)
    if version != "2.1.1":
        assert told["id"] == uid == str(ReservedSession.objects.get().uid)


def test_a_session_that_says_late_that_it_used_one_puts_the_fee_before_a_person(bench: Bench) -> None:
    """A charge point that was offline: what was billed as expired is held, and not billed twice unseen."""
    row = held(bench)
    after = UNTIL + timedelta(minutes=2)
    reservations_sweep(now=after)
    expired_reservations_bill(now=after, limit=10)
    alone = bench.session()
    cdr_create(session_id=alone.pk, now=after)
    late = bench.at(after + timedelta(minutes=10))
    late.begin(at=NOW + timedelta(minutes=12), reservationId=row.number)
    session = bench.sessions()[-1]
    reservations_use(session_ids=[session.pk], now=late.now)
    row.refresh_from_db()
    assert (row.state, row.session, cost(session)) == ("used", session, Decimal("2.25"))
    again = cdr_create(session_id=alone.pk, now=late.now)
    assert again is not None
    assert again.needs_review
    assert "reservation_used" in again.review_reasons


def test_where_reserving_costs_nothing_there_is_no_session(bench: Bench) -> None:
    row = held(bench)
    row.charge_point.organization.tariff_assignments.all().delete()
    after = UNTIL + timedelta(minutes=2)
    reservations_sweep(now=after)
    assert expired_reservations_bill(now=after, limit=10) == 0
    assert not bench.sessions()


def test_who_is_offline_may_still_tell_that_somebody_came(bench: Bench) -> None:
    held(bench)
    ChargePointStatus.objects.update(connection_id=None)
    after = UNTIL + timedelta(minutes=2)
    reservations_sweep(now=after)
    assert expired_reservations_bill(now=after, limit=10) == 0
    ChargePointStatus.objects.update(connection_id=uuid4())
    assert expired_reservations_bill(now=after + timedelta(hours=5), limit=10) == 1
