"""Groups of tags with sites, hours and budgets: what is answered, counted, and stopped once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.models import Review
from billing.services.cdrs import Repair, cdr_create
from billing.services.review_decisions import Act, review_repair, review_waive
from central.models import Command, IdTokenGroup, Session
from central.ports import ports
from central.services.authorization import Shown, authorize, authorize_many
from central.services.budget_stops import budgets_enforce
from central.services.budgets import group_budgets, period_bounds
from central.services.local_list_content import list_wanted
from registry.models import Site
from tests.billing.builders import ENERGY, default_tariff
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.messages import Transaction, token_status
from tests.support.messages import authorize as authorize_frame
from tests.support.registry import person

WORDS = {"1.6": ("Blocked", "Blocked", "Blocked")} | dict.fromkeys(
    ("2.0.1", "2.1"), ("NoCredit", "NotAtThisLocation", "NotAtThisTime")
)


@pytest.fixture
def group(organization):
    made = IdTokenGroup.objects.create(organization=organization, uid="FLEET", name="Fleet")
    token_create(organization, group=made)
    return made


def limit(group, **fields):
    IdTokenGroup.objects.filter(pk=group.pk).update(**fields)
    group.refresh_from_db()


def charged(bench, wh, *, end=True):
    """A transaction of TAG-1 with so much energy."""
    transaction = bench.begin()
    if end:
        bench.call(*transaction.stop(wh, bench.now))
    else:
        bench.call(*transaction.meter(wh, bench.now))
    return transaction


@pytest.mark.parametrize("version", WORDS)
def test_each_limit_has_its_word_at_authorisation_and_at_the_start(
    version, organization, group, charge_point
):
    """1.6 §7.2 knows Blocked only; 2.x AuthorizationStatusEnumType has a word for each."""
    bench = Bench(charge_point, version)
    assert token_status(bench.call(*authorize_frame(version, "TAG-1"))) == "Accepted"
    no_credit, not_here, not_now = WORDS[version]
    limit(group, energy_budget_wh=0)
    assert token_status(bench.call(*authorize_frame(version, "TAG-1"))) == no_credit
    started = bench.call(*Transaction(version).start(0, bench.now))
    assert token_status(started) == no_credit
    session = bench.session()
    assert (session.token_group, session.needs_review) == (group, True)
    Session.objects.update(state="ended")
    limit(group, energy_budget_wh=None, hours="Tue 08:00-20:00")
    assert token_status(bench.call(*authorize_frame(version, "TAG-1"))) == not_now
    group.sites.add(Site.objects.create(organization=organization, name="Elsewhere"))
    assert token_status(bench.call(*authorize_frame(version, "TAG-1"))) == not_here


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("week", "2026-03-22T23:00Z", "2026-03-29T22:00Z"),
        ("month", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
    ],
)
def test_periods_follow_the_organisations_calendar(period, start, end):
    """The day on which summer time begins in Europe/Berlin has 23 hours."""
    bounds = period_bounds(period, datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin")
    assert [each.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") for each in bounds] == [start, end]


def test_energy_of_ended_and_running_sessions_counts_in_its_period(group, charge_point):
    limit(group, energy_budget_wh=10_000, energy_period="day")
    bench = Bench(charge_point, "1.6")
    charged(Bench(charge_point, "1.6", NOW - timedelta(days=1)), 9_000)
    charged(bench, 4_000)
    charged(bench.after(minutes=1), 3_000, end=False)
    (today,) = group_budgets(group, NOW)
    assert [today.used, today.left] == [7000, 3000]
    assert not today.is_used_up
    (yesterday,) = group_budgets(group, NOW - timedelta(days=1))
    assert yesterday.used == 9000


def test_money_comes_from_billing_by_its_port(organization, group, charge_point):
    """CDRs and the cost so far of what runs, incl. VAT."""
    default_tariff(organization, ENERGY)
    limit(group, money_budget=Decimal(6))
    bench = Bench(charge_point, "1.6")
    charged(bench, 4_000)
    assert cdr_create(session_id=bench.session().pk, now=NOW + timedelta(minutes=1)) is not None
    charged(bench.after(minutes=1), 3_000, end=False)
    (budget,) = group_budgets(group, NOW)
    assert (budget.used, budget.currency) == (Decimal("4.2"), "EUR")
    assert not budget.is_used_up


def test_money_of_a_bill_that_was_held_counts_once_or_not_at_all(organization, group, charge_point):
    """Held and replaced: what replaced it; waived: nothing. Neither was ever credited."""
    default_tariff(organization, ENERGY)
    limit(group, money_budget=Decimal(9_000), energy_budget_wh=10_000_000)
    act = Act(person(organization, "operator", is_staff=True), "Looked at it.")
    bench = Bench(charge_point, "1.6")
    charged(bench, 600_000)
    cdr_create(session_id=bench.session().pk, now=NOW)
    energy, budget = group_budgets(group, NOW)
    assert [energy.used, budget.used] == [600_000, 360]
    fixed = Repair(energy_wh=5_000, started_at=NOW - timedelta(hours=1), ended_at=NOW)
    review_repair(review=Review.objects.get(), repair=fixed, act=act, now=NOW)
    energy, budget = group_budgets(group, NOW)
    assert [energy.used, budget.used] == [5_000, 3]
    charged(bench.after(minutes=1), 600_000)
    cdr_create(session_id=bench.sessions()[-1].pk, now=NOW)
    review_waive(review=Review.objects.get(decision=""), act=act, now=NOW)
    energy, budget = group_budgets(group, NOW)
    assert [energy.used, budget.used] == [5_000, 3]


def test_other_currencies_are_shown_and_not_counted(group, monkeypatch):
    monkeypatch.setattr(ports, "group_spend", lambda *_: {"EUR": Decimal(1), "SEK": Decimal(9)})
    limit(group, money_budget=Decimal(5))
    (budget,) = group_budgets(group, NOW)
    assert (budget.used, budget.other) == (Decimal(1), {"SEK": Decimal(9)})


@pytest.mark.parametrize("version", WORDS)
def test_running_sessions_are_stopped_once_when_the_budget_is_used_up(version, group, charge_point):
    limit(group, energy_budget_wh=5_000)
    bench = Bench(charge_point, version)
    transaction = charged(bench, 4_999, end=False)
    assert budgets_enforce(now=NOW) == 0
    bench.call(*transaction.meter(5_000, bench.now))
    assert [budgets_enforce(now=NOW), budgets_enforce(now=NOW)] == [1, 0]
    stop = Command.objects.get()
    assert (stop.order, stop.source) == ("remote_stop", "budget")
    assert stop.reason == "Budget of Fleet used up: 5 of 5 kWh this month"
    assert stop.expires_at == NOW + timedelta(days=1)
    assert bench.session().flags == ["budget_reached"]


def test_a_stop_that_is_refused_is_repeated_and_then_put_before_a_person(group, charge_point):
    """Three times, five minutes apart; then its bill waits, and says why. Nothing is ordered any more."""
    limit(group, energy_budget_wh=5_000)
    bench = Bench(charge_point, "1.6")
    charged(bench, 5_000, end=False)

    def looked(minutes):
        return budgets_enforce(now=NOW + timedelta(minutes=minutes))

    def refused(minutes):
        Command.objects.filter(state="queued").update(
            state="rejected", finished_at=NOW + timedelta(minutes=minutes)
        )

    assert looked(0) == 1
    assert looked(9) == 0
    for minutes in (10, 20, 30):
        refused(minutes)
        assert looked(minutes + 4) == 0
        assert not bench.session().needs_review
        assert looked(minutes + 5) == (1 if minutes < 30 else 0)
    session = bench.session()
    assert (session.needs_review, session.review_reasons) == (True, ["charged_on"])
    assert [looked(60), Command.objects.count()] == [0, 3]


def test_a_stop_that_somebody_took_back_stays_so_and_one_obeyed_late_too(group, charge_point):
    limit(group, energy_budget_wh=5_000)
    bench = Bench(charge_point, "1.6")
    transaction = charged(bench, 5_000, end=False)
    assert budgets_enforce(now=NOW) == 1
    Command.objects.update(state="cancelled", finished_at=NOW)
    assert budgets_enforce(now=NOW + timedelta(hours=1)) == 0
    Command.objects.update(state="accepted")
    assert budgets_enforce(now=NOW + timedelta(hours=1)) == 0
    bench.call(*transaction.meter(6_000, NOW + timedelta(minutes=20)))
    assert budgets_enforce(now=NOW + timedelta(hours=1)) == 1


def test_a_session_of_yesterday_is_stopped_by_yesterdays_budget(group, charge_point):
    """It counts whole in the period in which it began."""
    limit(group, energy_budget_wh=5_000, energy_period="day")
    yesterday = Bench(charge_point, "1.6", NOW - timedelta(days=1))
    charged(yesterday, 6_000, end=False)
    today = Bench(charge_point, "1.6")
    assert token_status(today.call(*authorize_frame("1.6", "TAG-1"))) == "Accepted"
    assert budgets_enforce(now=NOW) == 1


def test_a_start_told_late_is_judged_by_the_budget_of_its_day(group, charge_point):
    """Where it counts: yesterday's is used up, today's is not, and the other way round."""
    limit(group, energy_budget_wh=5_000, energy_period="day")
    yesterday = NOW - timedelta(days=1)
    charged(Bench(charge_point, "1.6", yesterday), 6_000)
    asked = {"charge_point_id": charge_point.pk, "uid": "TAG-1", "now": NOW, "starting": True}
    assert authorize(**asked).accepted
    assert authorize(**asked, at=yesterday).reason == "budget_used_up"
    assert authorize(**asked, at=NOW - timedelta(days=2)).accepted
    assert authorize(**asked, at=datetime(1970, 1, 1, tzinfo=UTC)).accepted
    charged(Bench(charge_point, "1.6"), 6_000)
    assert authorize(**asked, at=NOW - timedelta(days=2)).accepted
    assert authorize(**asked, at=datetime(1970, 1, 1, tzinfo=UTC)).reason == "budget_used_up"


def test_a_group_that_cannot_be_looked_at_leaves_the_others_their_limits(
    organization, group, charge_point, monkeypatch
):
    other = IdTokenGroup.objects.create(
        organization=organization, uid="OTHER", name="Other", energy_budget_wh=1
    )
    token_create(organization, "TAG-2", group=other)
    limit(group, money_budget=Decimal(1))
    bench = Bench(charge_point, "1.6")
    charged(bench, 5_000, end=False)
    second = bench.begin("TAG-2", connector=2)
    bench.call(*second.meter(5_000, bench.now))
    monkeypatch.setattr(ports, "group_spend", lambda *_: 1 / 0)
    assert budgets_enforce(now=NOW) == 1


def test_a_tag_may_still_stop_where_its_group_charges(organization, group, charge_point):
    """1.6 §4.2: who shows a tag at the charge point where it charges may want to stop."""
    token_create(organization, "TAG-2", group=group)
    bench = Bench(charge_point, "1.6")
    charged(bench, 5_000, end=False)
    limit(group, energy_budget_wh=1)
    for tag in ("TAG-1", "TAG-2"):
        assert token_status(bench.call(*authorize_frame("1.6", tag))) == "Accepted"
    other = Bench(charge_point_create(organization), "1.6")
    assert token_status(other.call(*authorize_frame("1.6", "TAG-1"))) == "Blocked"


def test_hours_are_those_of_the_place_and_of_the_start(organization, group, charge_point):
    """12:00 UTC is 21:00 in Tokyo; a start that comes late is judged by its own time."""
    Site.objects.filter(pk=charge_point.site_id).update(time_zone="Asia/Tokyo")
    limit(group, hours="20:00-22:00")
    asked = {"charge_point_id": charge_point.pk, "uid": "TAG-1", "now": NOW}
    assert authorize(**asked).accepted
    late = authorize(**asked, starting=True, at=NOW - timedelta(hours=3))
    assert (late.status, late.reason) == ("NotAtThisTime", "group_not_now")


def test_local_lists_leave_out_who_must_ask(organization, group, charge_point):
    """Offline nobody knows what of a budget is left."""
    token_create(organization, "FREE")

    def listed():
        wanted = list_wanted(charge_point=charge_point, version="1.6", now=NOW)
        return {entry.uid for entry in wanted.entries}

    assert listed() == {"TAG-1", "FREE"}
    limit(group, energy_budget_wh=1)
    assert listed() == {"FREE"}
    limit(group, energy_budget_wh=None)
    group.sites.add(Site.objects.create(organization=organization, name="Elsewhere"))
    assert listed() == {"FREE"}


def test_what_limits_cost(organization, group, charge_point, django_assert_num_queries):
    """Nothing where a group has none; with an energy budget group, sites and sum: once for all tags."""
    for number in range(2, 5):
        token_create(organization, f"TAG-{number}", group=group)
    owner, place = organization.pk, charge_point.pk
    shown = [Shown(place, owner, f"TAG-{number}", "", NOW) for number in range(1, 5)]
    authorize_many(shown)
    with django_assert_num_queries(1):
        authorize_many(shown)
    limit(group, energy_budget_wh=1000)
    with django_assert_num_queries(4):
        assert all(answer.accepted for answer in authorize_many(shown))
