"""A session that does not stop at its group's budget: for a person at once, decided when it has ended."""

from datetime import timedelta

import pytest

from billing.models import Review
from billing.services.cdrs import cdr_create
from billing.services.review_cases import reviews_open_missing
from billing.services.review_decisions import Act, review_accept, review_waive
from central.models import Command, IdTokenGroup
from central.services.budget_stops import budgets_enforce
from emobility.lib.errors import Conflict
from tests.billing.builders import ENERGY, default_tariff, organization
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.registry import person


@pytest.mark.django_db
def test_who_charges_on_waits_for_a_person_at_once():
    """Three stops are refused, five minutes apart."""
    owner = organization()
    default_tariff(owner, ENERGY)
    group = IdTokenGroup.objects.create(organization=owner, uid="FLEET", name="Fleet", energy_budget_wh=5_000)
    token_create(owner, group=group)
    bench = Bench(charge_point_create(owner), "2.0.1")
    transaction = bench.begin()
    bench.call(*transaction.meter(5_000, bench.now))
    for minutes in (0, 6, 12, 18):
        budgets_enforce(now=NOW + timedelta(minutes=minutes))
        Command.objects.filter(state="queued").update(
            state="rejected", finished_at=NOW + timedelta(minutes=minutes)
        )
    for _look in range(2):
        reviews_open_missing(now=NOW, limit=10)
    case = Review.objects.get()
    assert (case.session, case.cdr, case.reasons) == (bench.session(), None, ["charged_on"])
    act = Act(person(owner, "operator"), "I looked.")
    with pytest.raises(Conflict, match="when it has ended"):
        review_waive(review=case, act=act, now=NOW)
    bench.call(*transaction.stop(7_000, bench.now))
    held = cdr_create(session_id=bench.session().pk, now=NOW)
    assert Review.objects.get().cdr == held
    assert review_accept(review=Review.objects.get(), act=act, now=NOW).decision == "accepted"
