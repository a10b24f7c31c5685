"""Costs in TransactionEvent: the charge point's own (2.1 I12), ours in the answer (2.x I02, I03)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from central.models import SessionCost
from tests.billing.builders import ENERGY, default_tariff
from tests.support.handlers import NOW, Bench
from tests.support.power import built, placed


def details(total=1.19, **changes):
    cost = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 1.0, "inclTax": total}}
    return {
        "totalCost": cost,
        "totalUsage": {"energy": 2000, "chargingTime": 60, "idleTime": 0},
    } | changes


@pytest.fixture
def bench(charge_point, token):
    return Bench(charge_point, "2.1")


def test_what_the_charge_point_calculated_is_kept(bench):
    """I12.FR.01, FR.02: so far, then at the end; what comes late or twice changes nothing."""
    transaction = bench.begin()
    action, update = transaction.meter(1000, NOW)
    update |= {"costDetails": details(0.5), "triggerReason": "RunningCost"}
    periods = [{"startPeriod": "2026-03-02T12:00:00Z", "tariffId": "DAY.1"}]
    end = transaction.stop(2000, NOW, costDetails=details(1.19, chargingPeriods=periods))
    bench.call(action, update)
    assert (SessionCost.objects.get().total_incl, SessionCost.objects.get().is_final) == (
        Decimal("0.5"),
        False,
    )
    for frame in (end, (action, update), end):
        bench.call(*frame)
    row = SessionCost.objects.get()
    assert (row.session, row.total_incl, row.is_final) == (bench.session(), Decimal("1.19"), True)
    assert (row.tariff_id, row.currency, row.failed) == ("DAY.1", "EUR", False)


def test_a_failed_calculation_is_kept_with_its_reason(bench):
    """I12.FR.14."""
    transaction = bench.begin()
    failed = details(failureToCalculate=True, failureReason="no clock")
    failed["totalCost"]["total"] = {}
    bench.call(*transaction.stop(2000, NOW, costDetails=failed))
    row = SessionCost.objects.get()
    assert (row.failed, row.failure, row.total_excl, row.total_incl) == (True, "no clock", None, None)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    ("told", "at_update", "at_end"), [("NEVER", 0, 0), ("END", 0, 1), ("ALWAYS", 1, 1), ("AUTO", 0, 0)]
)
def test_our_price_is_told_where_that_is_set(
    charge_point, token, organization, settings, version, told, at_update, at_end
):
    """I02.FR.01, I03.FR.02: incl. tax; a repeat is told again."""
    settings.OCPP_COSTS_IN_ANSWERS = told
    default_tariff(organization, ENERGY)
    bench = Bench(charge_point, version)
    transaction = bench.begin()
    update = transaction.meter(1000, NOW + timedelta(minutes=1))
    end = transaction.stop(2000, NOW + timedelta(minutes=2))
    for _ in range(2):
        assert bench.call(*update) == ({"totalCost": 0.6} if at_update else {})
    for _ in range(2):
        assert bench.call(*end) == ({"totalCost": 1.2} if at_end else {})


def test_free_is_told_and_no_tariff_is_not(bench, organization, settings):
    """I03.FR.04."""
    settings.OCPP_COSTS_IN_ANSWERS = "END"
    first = bench.begin()
    assert bench.call(*first.stop(2000, NOW + timedelta(minutes=1))) == {}
    default_tariff(organization, ENERGY | {"price": 0})
    second = bench.begin(at=NOW + timedelta(hours=1))
    assert bench.call(*second.stop(2000, NOW + timedelta(hours=2))) == {"totalCost": 0}


def test_an_update_costs_no_statement_more_where_nothing_is_told(bench, settings):
    transaction = bench.begin()
    counts = []
    for minute, told in ((1, "NEVER"), (2, "END")):
        settings.OCPP_COSTS_IN_ANSWERS = told
        with CaptureQueriesContext(connection) as queries:
            bench.call(*transaction.meter(100 * minute, NOW + timedelta(minutes=minute)))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert not any("sessionrating" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_the_cost_so_far_as_an_order(charge_point, token, organization, version):
    """I02: what it costs when the order leaves."""
    default_tariff(organization, ENERGY)
    bench = Bench(charge_point, version)
    transaction = bench.begin()
    command = placed(charge_point, "cost_update", transaction_id=transaction.id)
    bench.call(*transaction.meter(1000, NOW + timedelta(minutes=1)))
    assert built(version, command) == ("CostUpdated", {"totalCost": 0.6, "transactionId": transaction.id})
    fixed = placed(charge_point, "cost_update", session=str(bench.session().uid), cost="3.21")
    assert built(version, fixed)[1]["totalCost"] == 3.21


def test_without_a_tariff_there_is_no_cost_to_show(charge_point, token):
    transaction = Bench(charge_point, "2.1").begin()
    command = placed(charge_point, "cost_update", transaction_id=transaction.id)
    with pytest.raises(ValueError, match="No tariff"):
        built("2.1", command)
