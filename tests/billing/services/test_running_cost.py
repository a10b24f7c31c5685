"""The running cost: asked through central's port, folded on from where it stood, at the end the CDR's."""

import random
from decimal import Decimal

import pytest

from billing.models import Cdr, SessionRating
from billing.services.cdrs import cdr_create
from central.models import MeterValue
from central.ports import ports
from tests.billing.builders import (
    ENERGY,
    FEE,
    PARKING,
    at,
    charge_point,
    default_tariff,
    end,
    ended_session,
    meter,
    organization,
    running_session,
    statuses,
)

TIME = {"type": "TIME", "price": 1.2, "vat": 20, "step_size": 60}


@pytest.fixture
def box(db):
    owner = organization()
    default_tariff(owner, FEE, ENERGY, TIME, PARKING)
    return charge_point(owner)


def cost(session):
    return ports.running_cost([session.pk])[session.pk]


def test_start_fee_is_due_at_once(box):
    running = cost(running_session(box))
    assert (running.amount_excl, running.amount_incl, running.currency) == (1, Decimal("1.2"), "EUR")
    assert running.as_of == at(0)


def test_each_meter_value_moves_the_cost_on(box):
    session = running_session(box)
    seen = []
    for minute, register in ((10, 3000), (20, 5000), (30, 5000)):
        meter(session, (minute, register))
        seen.append((cost(session).amount_excl, cost(session).as_of))
    assert seen == [
        (Decimal("2.2000"), at(10)),
        (Decimal("3.4000"), at(20)),
        (Decimal("4.4000"), at(30)),
    ]


def test_cost_at_the_end_is_the_cdrs(box):
    """ARCHITECTURE 5: the fold kept with the session and the CDR's fold from the start agree."""
    session = running_session(box)
    meter(session, (10, 3000), (20, 5000))
    statuses(session, [(0, "Charging"), (25, "SuspendedEV")])
    cost(session)
    meter(session, (30, 6000), (50, 6000))
    running = cost(session)
    end(session, minutes=50, stop_wh=6000)
    before_the_cdr = cost(session)
    cdr = cdr_create(session_id=session.pk, now=at(51))
    after = cost(session)
    assert running.amount_incl == before_the_cdr.amount_incl == after.amount_incl
    assert isinstance(cdr, Cdr)
    assert cdr.total_cost_incl == after.amount_incl
    assert after.as_of == at(50)


def test_late_values_out_of_order_count_at_the_end(box):
    """F9: whatever order meter values came in, the CDR is that of the right order."""
    values = [(minute, 1000 + 100 * minute) for minute in range(2, 42, 2)]
    shuffled = random.Random(7).sample(values, len(values))
    costs = []
    for number, order in enumerate((values, shuffled)):
        session = running_session(box, transaction_id=f"order-{number}")
        for value in order:
            meter(session, value)
            cost(session)
        end(session, minutes=45, stop_wh=5300)
        cdr = cdr_create(session_id=session.pk, now=at(46))
        assert cdr is not None
        costs.append((cdr.total_cost_incl, cdr.energy_wh))
    assert costs[0] == costs[1]


def test_start_register_corrected_midway_begins_the_fold_anew(box):
    """F12: begins with 0, then the real register: the driver never sees the meter's life as a bill."""
    session = running_session(box, meter_start_wh=0)
    meter(session, (0, 0))
    cost(session)
    session.meter_start_wh = 910_000
    session.save()
    meter(session, (5, 910_000), (10, 911_000))
    assert cost(session).amount_excl == Decimal("1.7000")


def test_registers_below_the_start_are_somebody_elses(box):
    session = running_session(box)
    meter(session, (5, 200), (10, 2000))
    assert cost(session).amount_excl == Decimal("1.7000")


def test_state_of_an_older_form_is_folded_anew(box):
    session = running_session(box)
    meter(session, (10, 3000))
    cost(session)
    SessionRating.objects.update(state={"base_wh": 1000, "periods": {"version": 0}, "rating": {}})
    assert cost(session).amount_excl == Decimal("2.2000")


def test_session_without_a_tariff_has_no_cost(db):
    session = running_session(charge_point(organization()))
    assert ports.running_cost([session.pk]) == {}
    assert ports.running_cost([]) == {}


def test_number_of_queries_does_not_grow_with_sessions_or_values(box, django_assert_max_num_queries):
    sessions = [running_session(box, transaction_id=f"t{number}") for number in range(30)]
    sessions += [ended_session(box, transaction_id=f"e{number}") for number in range(30)]
    for session in sessions:
        meter(session, (10, 3000), (20, 5000))
    ids = [session.pk for session in sessions]
    ports.running_cost(ids)
    for session in sessions:
        meter(session, (30, 6000))
    with django_assert_max_num_queries(5):
        assert len(ports.running_cost(ids)) == 60


def test_folded_values_are_not_read_again(box):
    """The thousandth meter value costs as little as the tenth."""
    session = running_session(box)
    meter(session, (10, 3000), (20, 5000))
    before = cost(session)
    MeterValue.objects.filter(session=session).delete()
    assert cost(session) == before
