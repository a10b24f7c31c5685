"""What we read from partners: deltas, all kinds of pages, full rounds, trouble (OCPI 2.2.1 §4.1.4.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ocpi.core.crawling import following
from ocpi.core.sweeping import SWEEPERS, key_of
from ocpi.models import Partner, PullSeen, PullState, ReceivedCdr, ReceivedSession
from ocpi.services.handshake import partner_register
from ocpi.services.pull import OVERLAP, page_pull
from ocpi.services.pull_states import pull_claim, pull_states_ensure, pulls_ask, pulls_due
from ocpi.tasks import pull
from registry.models import Organization
from tests.ocpi.conftest import now
from tests.ocpi.test_patience import busy
from tests.ocpi.test_receiver import cdr, session
from tests.support import partner as faults
from tests.support.listing_partner import STYLES, ListingPartner

pytestmark = pytest.mark.integration


@pytest.fixture
def operator(egress_open: None) -> Iterator[ListingPartner]:
    """BE-BEC with five CDRs."""
    with ListingPartner() as partner:
        partner.lists["cdrs"] = [
            cdr(id=f"C{number}", last_updated=f"2026-01-0{number}T00:00:00Z") for number in range(1, 6)
        ]
        yield partner


def register(emsp: Organization, operator: ListingPartner) -> Partner:
    return partner_register(
        organization=emsp, versions_url=operator.url("/versions"), token_a="their-token-a", now=now()
    )


@pytest.fixture
def partner(emsp: Organization, operator: ListingPartner) -> Partner:
    """The operator, registered with the provider."""
    return register(emsp, operator)


def read(module: str, at: datetime) -> PullState:
    """Read one list as often as it goes on, as a worker does."""
    pull_states_ensure(now=at)
    state = PullState.objects.select_related("partner__organization").get(module=module)
    assert pull_claim(state=state, now=at)
    while page_pull(state=state, now=at):
        pass
    return PullState.objects.get(pk=state.pk)


def queries(operator: ListingPartner, module: str) -> list[dict[str, str]]:
    """The parameters of the list's requests so far."""
    return [
        {name: values[0] for name, values in request.query.items()}
        for request in operator.sent("GET", module)
    ]


@pytest.mark.parametrize("style", STYLES[:4])
def test_all_pages_are_read_however_they_are_linked(
    operator: ListingPartner, partner: Partner, style: str
) -> None:
    """§4.1.4.2, and four ways to write a Link; our token goes to no other host."""
    operator.style = style
    state = read("cdrs", now())
    assert sorted(ReceivedCdr.objects.values_list("object_id", flat=True)) == ["C1", "C2", "C3", "C4", "C5"]
    assert [each.get("offset", "0") for each in queries(operator, "cdrs")] == ["0", "2", "4"]
    assert (state.last_count, state.failures, state.mark) == (
        5,
        0,
        datetime.fromisoformat("2026-01-05T00:00Z"),
    )
    assert bool(state.error) == (style != "link"), state.error


def test_a_link_to_the_same_page_ends_the_round(operator: ListingPartner, partner: Partner) -> None:
    """A sender that links to itself must not keep us for ever."""
    operator.style = "own link"
    state = read("cdrs", now())
    assert (len(operator.sent("GET", "cdrs")), state.last_count) == (1, 2)
    assert state.error == "Link leads to the same page"


def test_the_next_round_asks_from_the_newest_on_with_an_overlap(
    operator: ListingPartner, partner: Partner
) -> None:
    """§4.1.4.1 date_from; what comes again changes nothing."""
    at = now()
    read("cdrs", at)
    state = read("cdrs", at + timedelta(minutes=20))
    wanted = datetime.fromisoformat("2026-01-05T00:00Z") - OVERLAP
    assert queries(operator, "cdrs")[-1]["date_from"] == wanted.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (state.last_count, ReceivedCdr.objects.count()) == (1, 5)
    assert state.due_at > at + timedelta(minutes=20)
    pulls_ask(partner=partner, full=True, now=at)
    assert read("cdrs", at).last_count == 5
    assert "date_from" not in queries(operator, "cdrs")[-1]


def test_sessions_are_asked_for_with_a_start(operator: ListingPartner, partner: Partner) -> None:
    """§9.2.1.1: date_from is required."""
    operator.lists["sessions"] = [session(last_updated=now().strftime("%Y-%m-%dT%H:%M:%SZ"))]
    assert read("sessions", now()).last_count == 1
    assert "date_from" in queries(operator, "sessions")[0]
    assert ReceivedSession.objects.get().object_id == "101"


def test_what_is_not_fit_is_counted_and_the_rest_kept(operator: ListingPartner, partner: Partner) -> None:
    """A foreign party, a wrong field, no object at all (T18)."""
    good = operator.lists["cdrs"]
    stamp = {"last_updated": "2026-01-03T00:00:00Z"}
    good[1:1] = [cdr(id="X1", party_id="EVL", **stamp), cdr(id="X2", total_energy="much", **stamp), stamp]
    state = read("cdrs", now())
    assert (state.last_count, state.refused, ReceivedCdr.objects.count()) == (5, 3, 5)
    assert "not yours" in state.error


@pytest.mark.parametrize(
    "fault", [faults.drop, faults.error_500, faults.not_json, faults.oversized, faults.refuse]
)
def test_a_round_goes_on_after_trouble(
    operator: ListingPartner, partner: Partner, fault: faults.Fault
) -> None:
    """The second page fails once: later the rest is read, nothing is lost."""
    at = now()
    operator.misbehave("GET", "cdrs", lambda handler, request: handler.say(operator.answer(request)), fault)
    state = read("cdrs", at)
    assert (state.failures, bool(state.error), state.last_at) == (1, True, None)
    assert at < state.due_at <= at + timedelta(hours=1)
    assert not pulls_due(at).filter(module="cdrs").exists()
    state = read("cdrs", state.due_at)
    assert (state.failures, ReceivedCdr.objects.count()) == (0, 5)


def test_an_object_that_leaves_the_list_meanwhile_hides_no_other(
    operator: ListingPartner, partner: Partner
) -> None:
    """§4.1.4.2: X-Total-Count falls during the crawl, so one step back."""

    def first_goes(handler: faults.Handler, request: faults.Recorded) -> None:
        handler.say(operator.answer(request))
        del operator.lists["cdrs"][0]

    operator.misbehave("GET", "cdrs", first_goes)
    read("cdrs", now())
    assert [each.get("offset", "0") for each in queries(operator, "cdrs")] == ["0", "2", "1", "3"]
    assert ReceivedCdr.objects.count() == 5


def test_a_full_round_ends_what_it_did_not_see(
    operator: ListingPartner, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mark and sweep; never where the list is empty, cut short, or holds what cannot be named."""
    swept: list[list[str]] = []

    def sweep(partner: Partner, seen: Any, before: datetime, at: datetime) -> int:
        swept.append(sorted(seen))
        return 7

    monkeypatch.setitem(SWEEPERS, "cdrs", sweep)
    at = now()
    assert read("cdrs", at).last_swept == 7
    assert swept == [[f"BE/BEC/C{number}" for number in range(1, 6)]]
    assert not PullSeen.objects.exists()
    read("cdrs", at + timedelta(minutes=20))
    assert len(swept) == 1, "a delta sweeps nothing"
    operator.lists["cdrs"].append({"last_updated": "2026-02-01T00:00:00Z"})
    pulls_ask(partner=partner, full=True, now=at)
    assert read("cdrs", at).last_swept == 0
    assert len(swept) == 1


def test_an_empty_list_is_no_trouble_where_nothing_is_held_and_ends_nothing_else(
    operator: ListingPartner, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-Total-Count 0 is a whole list (§4.1.4.1); what an empty one would end is told and stays."""
    operator.lists["cdrs"] = []
    monkeypatch.setitem(SWEEPERS, "cdrs", lambda *_args: 0)
    at = now()
    assert (read("cdrs", at).error, PullState.objects.get(module="cdrs").last_count) == ("", 0)

    def ends_all(partner: Partner, seen: Any, before: datetime, at: datetime) -> int:
        return Partner.objects.filter(pk=partner.pk).update(name="ended")

    monkeypatch.setitem(SWEEPERS, "cdrs", ends_all)
    pulls_ask(partner=partner, full=True, now=at)
    state = read("cdrs", at)
    assert state.error == "The partner's list is empty; the 1 that we have of it stay."
    assert state.last_swept == 0
    assert not Partner.objects.filter(name="ended").exists()


def test_the_task_reads_all_partners_and_one_that_is_down_delays_none(
    emsp: Organization, operator: ListingPartner, partner: Partner
) -> None:
    """Every list has its state; the trouble of one is its own."""
    with ListingPartner("BE", "DWN") as other:
        register(emsp, other)
        other.down = True
        pull()
        assert ReceivedCdr.objects.count() == 5
        failing = PullState.objects.filter(failures__gt=0)
        assert {(str(each.partner), each.module) for each in failing} == {
            ("BE-DWN", "cdrs"),
            ("BE-DWN", "sessions"),
        }


def test_states_are_made_for_what_is_offered_and_wanted(partner: Partner, emsp: Organization) -> None:
    """An operator's organisation reads no CDRs of others."""
    assert pull_states_ensure(now=now()) == 2
    assert pull_states_ensure(now=now()) == 0
    PullState.objects.all().delete()
    Organization.objects.update(ocpi_roles=["CPO"])
    assert pull_states_ensure(now=now()) == 0


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<https://a.example/l?offset=2>; rel="next"', "https://a.example/l?offset=2"),
        ("<https://a.example/l?offset=2>;rel=next", "https://a.example/l?offset=2"),
        (
            '<https://a.example/l?offset=9>; rel="last", <https://a.example/l?offset=2>; rel="next"',
            "https://a.example/l?offset=2",
        ),
        ('<https://a.example/l?offset=9>; rel="prev"', None),
        ("garbage", None),
        ("<>; rel=next", None),
    ],
)
def test_the_next_link_is_found_among_others(link: str, url: str | None) -> None:
    """RFC 8288 as senders write it."""
    headers = {"link": link, "x-total-count": "2"}
    assert following("https://a.example/l", count=2, headers=headers, total_before=None).url == url


def test_pulled_objects_without_a_party_are_the_partners(partner: Partner) -> None:
    """2.1.1 objects name no owner."""
    assert key_of({"id": "a1"}, partner) == "BE/BEC/A1"
    assert key_of({"uid": "a1", "type": "RFID", "party_id": "xyz"}, partner) == "BE/XYZ/A1/RFID"


def test_a_list_is_read_on_where_the_partner_asked_to_wait(
    operator: ListingPartner,
    partner: Partner,
) -> None:
    """The same page, no trouble told, and no other list of it is asked for meanwhile."""
    at = now()
    operator.misbehave(
        "GET", "cdrs", lambda handler, request: handler.say(operator.answer(request)), busy(300)
    )
    pull_states_ensure(now=at)
    state = PullState.objects.select_related("partner__organization").get(module="cdrs")
    while page_pull(state=state, now=at):
        pass
    assert (state.failures, state.error, ReceivedCdr.objects.count()) == (0, "", 2)
    later = at + timedelta(seconds=300)
    assert not pulls_due(later - timedelta(seconds=1)).exists()
    assert pulls_due(later).filter(pk=state.pk).exists()
    while page_pull(state=state, now=later):
        pass
    assert [each.query.get("offset", ["0"])[0] for each in operator.sent("GET", "cdrs")] == [
        "0",
        "2",
        "2",
        "4",
    ]
    assert (state.last_count, ReceivedCdr.objects.count()) == (5, 5)
