"""The running cost over the real path: events in, totals in the answers, equal to the fold from the start."""

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db import transaction as database
from django.test.utils import CaptureQueriesContext

from billing.models import SessionRating
from billing.services.cdrs import cdr_create
from billing.services.live_folds import folds_forget
from billing.services.tariffs import tariff_assign, tariff_create
from central.ports import ports
from emobility.lib import bell
from emobility.lib.money import round_minor
from tests.billing.builders import LONG_AGO, charge_point, organization
from tests.support.handlers import Bench, token_create

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ELEMENTS: list[dict[str, Any]] = [
    {
        "price_components": [{"type": "ENERGY", "price": 0.31, "vat": 19, "step_size": 100}],
        "restrictions": {"start_time": "22:00", "end_time": "06:00"},
    },
    {
        "price_components": [{"type": "ENERGY", "price": 0.27, "vat": 19, "step_size": 1}],
        "restrictions": {"min_kwh": 3},
    },
    {
        "price_components": [
            {"type": "FLAT", "price": 0.5, "vat": 19, "step_size": 1},
            {"type": "ENERGY", "price": 0.43, "vat": 19, "step_size": 1},
            {"type": "TIME", "price": 0.6, "vat": 7, "step_size": 60},
            {"type": "PARKING_TIME", "price": 3, "vat": 7, "step_size": 300},
        ]
    },
]
STATES = ("Charging", "SuspendedEV", "SuspendedEVSE", "Idle", "")


@pytest.fixture
def place(settings):
    settings.OCPP_COSTS_IN_ANSWERS = "ALWAYS"
    owner = organization(time_zone="Europe/Berlin")
    made = tariff_create(
        organization=owner,
        tariff_id="T",
        name="T",
        currency="EUR",
        elements=ELEMENTS,
        max_price={"excl_vat": 20},
        valid_from=LONG_AGO,
        now=START,
    )
    tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=START)
    token_create(owner)
    yield Bench(charge_point(owner), "2.0.1", START)
    bell.drain()


class TakenBackError(Exception):
    """What the test raises to take a transaction back."""


def say(place, transaction, minute, wh, state=""):
    """An update with a meter value and, where it is named, a state; the total in its answer."""
    at = START + timedelta(minutes=minute)
    action, payload = transaction.meter(wh, at)
    if state:
        payload["transactionInfo"]["chargingState"] = state
    place.now = at
    return place.call(action, payload).get("totalCost")


def anew(session_id):
    """What the session costs by the fold from the start, as a new process without a stored state sees it."""
    folds_forget()
    SessionRating.objects.update(state={})
    return ports.running_cost([session_id])[session_id]


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_the_fold_from_the_start_and_the_last_one_the_cdr(place, seed):
    """I02.FR.01, I03.FR.02: whatever comes, in whichever order, process or form."""
    rand = random.Random(seed)
    transaction = place.begin(wh=1000, at=START)
    session = place.session()
    minute, wh = 0, 1000
    for _number in range(15):
        minute += rand.choice((1, 7, 45))
        wh += rand.choice((0, 0, 180, 1900))
        told = say(place, transaction, minute, wh, rand.choice(STATES))
        if rand.random() < 0.2:
            folds_forget()
        known = ports.running_cost([session.pk])[session.pk]
        assert told == float(round_minor(known.amount_incl, "EUR"))
        if rand.random() < 0.3:
            assert anew(session.pk) == known
    place.now = START + timedelta(minutes=minute + 5)
    told = place.call(*transaction.stop(wh + 40, place.now))["totalCost"]
    cdr = cdr_create(session_id=session.pk, now=place.now)
    assert cdr is not None
    assert told == float(round_minor(cdr.total_cost_incl, "EUR"))
    assert ports.running_cost([session.pk])[session.pk].amount_incl == cdr.total_cost_incl


def test_a_value_reads_nothing_at_the_tenth_as_at_the_hundredth(place):
    """One more meter value is handed over as it came: its cost needs no statement of billing."""
    transaction = place.begin(wh=1000, at=START)
    for minute in range(1, 101):
        with CaptureQueriesContext(connection) as seen:
            assert say(place, transaction, minute, 1000 + 10 * minute)
        if minute > 1:
            assert not [query["sql"] for query in seen if "billing_" in query["sql"]]


def test_a_fold_that_ran_ahead_of_what_was_stored_is_made_again(place):
    """I6: what was taken back with its transaction leaves nothing in the price."""
    transaction = place.begin(wh=1000, at=START)
    say(place, transaction, 5, 2000)
    session = place.session()
    session.refresh_from_db()
    before = ports.running_cost([session.pk])[session.pk]
    with suppress(TakenBackError), database.atomic():
        say(place, transaction, 10, 9000)
        raise TakenBackError
    assert ports.running_cost([session.pk])[session.pk] == before
    assert say(place, transaction, 11, 2100) == float(round_minor(anew(session.pk).amount_incl, "EUR"))
    assert before.amount_excl < Decimal(2)
