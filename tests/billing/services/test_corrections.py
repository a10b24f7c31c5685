"""Ends that are corrected after their CDR was made: credit and replacement, once, and never before a look."""

from datetime import timedelta

import pytest

from billing.models import Cdr, Review
from billing.models.review import Decision
from billing.services.cdrs import Repair, cdr_create
from billing.services.review_cases import reviews_open_missing
from billing.services.review_decisions import Act, cdr_correct, review_accept, review_waive
from billing.tasks import sweep_cdrs
from central.models import Session
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry
from tests.billing.builders import ENERGY, default_tariff, organization
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.registry import person

HOUR = timedelta(hours=1)


@pytest.fixture
def owner(db):
    made = organization("amber")
    default_tariff(made, ENERGY)
    return made


@pytest.fixture
def act(owner):
    return Act(person(owner, "operator", is_staff=True), "Looked at it.")


@pytest.fixture
def cut(owner):
    """A charge point that lost power at 4 of 5.5 kWh and boots without its stop; and its transaction."""
    token_create(owner)
    bench = Bench(charge_point_create(owner, "AMBER-1"), "1.6")
    transaction = bench.begin(wh=1000)
    bench.after(minutes=30).call(*transaction.meter(wh=5000))
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    bench.after(minutes=40).call("BootNotification", boot)
    assert bench.session().provisional_end
    return bench, transaction


def stop(cut, hours, wh=6500):
    """The real stop, late: at the time at which the car left."""
    bench, transaction = cut
    bench.after(hours=hours).call(*transaction.stop(wh, NOW + timedelta(minutes=35)))
    return bill(cut, hours)


def bill(cut, hours):
    return cdr_create(session_id=cut[0].session().pk, now=NOW + timedelta(hours=hours))


def released():
    return list(Cdr.objects.ready_for_delivery().order_by("pk"))


@pytest.mark.parametrize("hours", [1, 71])
def test_f10_real_stop_before_72_hours_is_the_only_cdr(cut, hours):
    """F10: the CDR of a provisional end waits; the late real stop wins."""
    assert bill(cut, hours) is None
    cdr = stop(cut, hours)
    assert cdr is not None
    assert (cdr.energy_wh, cdr.kind, cdr.needs_review) == (5500, "original", False)
    assert Cdr.objects.get() == cdr


def test_f10_stop_after_80_hours_replaces_a_held_cdr_without_a_credit(cut):
    """F10: nobody had seen the provisional one, so there is nothing to take back."""
    held = bill(cut, 73)
    assert held is not None
    assert (held.energy_wh, held.ready_for_delivery) == (4000, False)
    new = stop(cut, 80)
    assert new is not None
    assert (new.kind, new.replaces, new.energy_wh) == ("replacement", held, 5500)
    assert released() == [new]
    assert not Cdr.objects.filter(kind="credit").exists()
    assert Review.objects.get().decision == Decision.SETTLED


def test_f10_stop_after_80_hours_credits_a_cdr_that_was_sent(cut, act):
    """F10: released by a person at 75 h, corrected at 80 h: credit CDR and new CDR."""
    sent = bill(cut, 73)
    review_accept(review=Review.objects.get(), act=act, now=NOW + 75 * HOUR)
    new = stop(cut, 80)
    assert new is not None
    original, replacement, credit = released()
    assert (original, replacement) == (sent, new)
    assert (credit.cdr_id, credit.credit_of) == (f"{original.cdr_id}-C", original)
    assert len(credit.cdr_id) <= 39
    assert credit.total_cost_incl == -original.total_cost_incl
    assert (credit.energy_wh, credit.costs, credit.lines) == (
        original.energy_wh,
        original.costs,
        original.lines,
    )
    assert sum(cdr.total_cost_incl for cdr in released()) == new.total_cost_incl
    assert bill(cut, 81) == new
    assert Cdr.objects.count() == 3


def test_a_correction_that_no_bell_told_of_is_found_by_the_sweep(cut, monkeypatch, celery_eager):
    held = bill(cut, 73)
    bench, transaction = cut
    bench.after(hours=80).call(*transaction.stop(6500, NOW + timedelta(minutes=35)))
    Session.objects.update(updated_at=NOW + 80 * HOUR)
    monkeypatch.setattr("billing.tasks.utc_now", lambda: NOW + 80 * HOUR)
    assert sweep_cdrs() == 1
    assert Cdr.objects.get(kind="replacement").replaces == held
    assert sweep_cdrs() == 0


def test_what_comes_after_a_person_decided_waits_for_a_person(cut, act):
    """Nothing is billed, said somebody; a late stop says otherwise: nobody is charged unseen."""
    bill(cut, 73)
    review_waive(review=Review.objects.get(), act=act, now=NOW + 75 * HOUR)
    new = stop(cut, 80)
    assert new is not None
    assert new.review_reasons == ["changed_after_decision"]
    assert released() == []
    case = Review.objects.get(decision="")
    review_accept(review=case, act=act, now=NOW + 81 * HOUR)
    assert released() == [new]


def test_a_provisional_end_is_in_the_queue_before_its_cdr(cut, act):
    """A person need not wait three days."""
    reviews_open_missing(now=NOW + HOUR, limit=10)
    reviews_open_missing(now=NOW + HOUR, limit=10)
    case = Review.objects.get()
    assert (case.reasons, case.cdr) == (["no_stop_before_boot"], None)
    review_accept(review=case, act=act, now=NOW + 2 * HOUR)
    (cdr,) = released()
    assert cdr.energy_wh == 4000
    assert Review.objects.get().decision == Decision.ACCEPTED


def test_a_real_stop_settles_the_waiting_case_by_itself(cut):
    reviews_open_missing(now=NOW + HOUR, limit=10)
    stop(cut, 2)
    case = Review.objects.get()
    assert (case.decision, case.decided_by) == (Decision.SETTLED, None)
    assert len(released()) == 1


def test_a_sent_cdr_is_corrected_by_hand_once(cut, act):
    cdr = stop(cut, 1)
    assert cdr is not None
    repair = Repair(2000, cdr.started_at, cdr.ended_at)
    now = NOW + 5 * HOUR
    cdr_correct(cdr=cdr, repair=repair, act=act, now=now)
    original, replacement, credit = released()
    assert (replacement.energy_wh, replacement.needs_review, credit.credit_of) == (2000, False, original)
    assert sum(each.total_cost_excl for each in released()) == 1
    with pytest.raises(Conflict):
        cdr_correct(cdr=cdr, repair=repair, act=act, now=now)
    entry = AuditEntry.objects.get(action="review.repaired")
    assert entry.after is not None
    assert (entry.after["reason"], entry.after["repair"]["energy_wh"]) == ("Looked at it.", 2000)
    assert bill(cut, 6) == replacement
    cdr_correct(cdr=replacement, repair=None, act=act, now=now)
    assert sum(each.total_cost_excl for each in released()) == 0
    with pytest.raises(Conflict):
        cdr_correct(cdr=replacement, repair=None, act=act, now=now)


@pytest.mark.parametrize(
    ("energy", "end", "field"), [(-1, HOUR, "energy_wh"), (1, -HOUR, "ended_at"), (2**52, HOUR, "energy_wh")]
)
def test_a_correction_that_cannot_be_changes_nothing(cut, act, energy, end, field):
    cdr = stop(cut, 1)
    assert cdr is not None
    with pytest.raises(Invalid) as refused:
        cdr_correct(cdr=cdr, repair=Repair(energy, NOW, NOW + end), act=act, now=NOW + 5 * HOUR)
    assert list(refused.value.fields) == [field]
    with pytest.raises(Invalid):
        cdr_correct(cdr=cdr, repair=None, act=Act(act.by, " "), now=NOW)
    assert released() == [cdr]
    assert not Review.objects.exists()
