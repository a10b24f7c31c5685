"""F10 at the partner: what a stop that comes after days changes there (OCPI 2.2.1 §10.1.1)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.models import Review
from billing.services.cdrs import cdr_create
from billing.services.review_decisions import Act, review_accept
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from registry.models import Organization
from tests.billing.builders import ENERGY, default_tariff
from tests.ocpi import roaming
from tests.ocpi.conftest import now
from tests.ocpi.pushing import push_all
from tests.ocpi.rows import VERSIONS, organization, partner
from tests.support.handlers import Bench, charge_point_create, token_create
from tests.support.messages import Transaction, boot
from tests.support.partner import ScriptedPartner
from tests.support.registry import person

pytestmark = pytest.mark.django_db(transaction=True)
AMOUNT = {"2.2.1": "excl_vat", "2.3.0": "before_taxes"}


@pytest.fixture
def cpo() -> Organization:
    found = organization("CPO")
    default_tariff(found, ENERGY)
    token_create(found, party=roaming.provider(found), contract_id="NL-TST-C1")
    return found


def cut(cpo: Organization, began: datetime) -> tuple[Bench, Transaction]:
    """A charge point that lost power at 4 of 5.5 kWh and booted without the stop."""
    bench = Bench(charge_point_create(cpo, "BOX-1"), "1.6", began)
    transaction = bench.begin(wh=1000)
    read = began + timedelta(minutes=30)
    bench.at(read).call(*transaction.meter(5000, read))
    bench.after(minutes=40).call(*boot("1.6"))
    return bench, transaction


def told(who: Any, scripted: ScriptedPartner) -> list[tuple[float, float, bool]]:
    """(kWh, cost before taxes, credit) of each CDR that the partner was sent, in order."""
    cdrs_seal_missing(now=now())
    push_all(now(), who)
    found = []
    for sent in scripted.sent("POST", "cdrs"):
        cost = sent.body["total_cost"]
        amount = cost[AMOUNT[who.version]] if who.version in AMOUNT else cost
        is_credit = sent.body.get("credit", False) or "Credit of" in sent.body.get("remark", "")
        found.append((sent.body["total_energy"], amount, is_credit))
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_f10_a_late_stops_credit_and_replacement_reach_the_partner(
    cpo: Organization, scripted: ScriptedPartner, version: str
) -> None:
    """Released by a person at 75 h, stopped at 80 h: the money there is that of what was charged."""
    scripted.version = version
    who = partner(cpo, "EMSP", version, scripted.url())
    bench, transaction = cut(cpo, now() - timedelta(hours=80))
    session = bench.session()
    assert cdr_create(session_id=session.pk, now=bench.after(hours=73).now) is not None
    assert not told(who, scripted)
    act = Act(person(cpo, "operator", is_staff=True), "Looked at it.")
    review_accept(review=Review.objects.get(), act=act, now=now() - timedelta(minutes=5))
    assert told(who, scripted) == [(4, 2, False)]
    left = bench.now + timedelta(minutes=35)
    bench.at(now()).call(*transaction.stop(6500, left))
    assert cdr_create(session_id=session.pk, now=now()) is not None
    assert told(who, scripted)[0] == (4, 2, False)
    assert sorted(told(who, scripted)[1:]) == [(4, -2, True), (5.5, 2.75, False)]


@pytest.mark.parametrize("hours", [1, 71])
def test_f10_a_stop_within_three_days_is_all_that_the_partner_hears(
    cpo: Organization, scripted: ScriptedPartner, hours: int
) -> None:
    who = partner(cpo, "EMSP", "2.2.1", scripted.url())
    bench, transaction = cut(cpo, now() - timedelta(hours=hours))
    session_id = bench.session().pk
    assert cdr_create(session_id=session_id, now=now() - timedelta(minutes=1)) is None
    assert not told(who, scripted)
    bench.at(now()).call(*transaction.stop(6500, bench.now + timedelta(minutes=35)))
    assert cdr_create(session_id=session_id, now=now()) is not None
    assert told(who, scripted) == [(5.5, 2.75, False)]
