"""Pages of REST lists: whole and without repeats while rows come, in any order, forwards and backwards."""

import uuid
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from central.models import Session
from registry.models import Organization, Site
from registry.models.user import Role
from tests.support.world import NOW, furnish, staff


@pytest.fixture
def world(db):
    return furnish(Organization.objects.create(name="Amber Charging", slug="amber", is_default=True), "AMBER")


@pytest.fixture
def api(world):
    client = Client()
    client.force_login(staff(world.organization, Role.OPERATOR))
    return client


@pytest.fixture
def sessions(world):
    """Nine in all: pairs start at the same moment, every third never ended."""
    first = world.one(Session)
    Session.objects.filter(pk=first.pk).update(ended_at=NOW + timedelta(hours=1))
    return [first, *(_another(first, number) for number in range(8))]


def _another(session, number):
    return Session.objects.create(
        organization=session.organization,
        charge_point=session.charge_point,
        ocpp_version="1.6",
        transaction_id=f"more-{number}-{uuid.uuid4().hex[:6]}",
        start_key=uuid.uuid4().hex,
        started_at=NOW + timedelta(minutes=number // 2),
        start_received_at=NOW,
        ended_at=None if number % 3 == 0 else NOW + timedelta(hours=number // 2),
    )


def _uids(page):
    return [row["uid"] for row in page["results"]]


def _walk(api, url, between=lambda: None):
    """The uids of every page, and the pages' addresses."""
    found, pages = [], []
    while url:
        page = api.get(url).json()
        pages.append(url)
        found.append(_uids(page))
        url = page["next"]
        between()
    return found, pages


@pytest.mark.parametrize("ordering", ["id", "-id", "started_at", "-started_at", "ended_at", "-ended_at"])
def test_rows_that_come_between_two_pages_shift_nothing(api, sessions, ordering):
    """Each row that was there at the start is shown once, whatever is added meanwhile at either end."""
    numbers = iter(range(100))
    pages, _ = _walk(
        api,
        f"/api/sessions/?limit=2&ordering={ordering}&to=2026-03-03T00:00:00Z",
        lambda: (
            [_another(sessions[0], next(numbers)) for _ in range(2)] if len(Session.objects.all()) < 20 else 0
        ),
    )
    seen = [uid for page in pages for uid in page]
    assert len(seen) == len(set(seen))
    assert {str(session.uid) for session in sessions} <= set(seen)


@pytest.mark.parametrize("ordering", ["-id", "started_at", "ended_at", "-ended_at"])
def test_back_leads_through_the_same_pages(api, sessions, ordering):
    pages, urls = _walk(api, f"/api/sessions/?limit=2&ordering={ordering}")
    back, url = [], urls[-1]
    while url:
        page = api.get(url).json()
        back.append(_uids(page))
        url = page["previous"]
    assert [page for page in back if page] == [page for page in reversed(pages) if page]


def test_rows_without_a_value_come_last_in_both_directions(api, sessions):
    for ordering in ("ended_at", "-ended_at"):
        rows = api.get(f"/api/sessions/?ordering={ordering}").json()["results"]
        ends = [row["ended_at"] for row in rows]
        known = [end for end in ends if end]
        assert ends == sorted(known, reverse=ordering.startswith("-")) + [None] * (len(ends) - len(known))


def test_a_page_says_where_it_ends(api, sessions):
    only = api.get("/api/sessions/").json()
    assert (only["next"], only["previous"], len(only["results"])) == (None, None, 9)
    assert list(only) == ["next", "previous", "results"]


@pytest.mark.parametrize(
    "query",
    ["cursor=nonsense", "cursor=W10", "limit=0", "limit=many", "ordering=id_tag", "ordering=--id"],
)
def test_what_is_no_page_is_refused_by_name(api, sessions, query):
    answer = api.get(f"/api/sessions/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


def test_a_cursor_belongs_to_its_order(api, sessions):
    following = api.get("/api/sessions/?limit=2&ordering=started_at").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    assert api.get(f"/api/sessions/?limit=2&ordering=-id&cursor={cursor}").status_code == 400


def test_more_than_a_page_may_hold_is_cut(api, world):
    Site.objects.bulk_create(Site(organization=world.organization, name=f"S{n}") for n in range(501))
    page = api.get("/api/sites/?limit=100000&ordering=name").json()
    assert len(page["results"]) == 500
    assert page["next"]


def test_a_list_counts_nothing(api, sessions, django_assert_max_num_queries):
    address = "/api/sessions/?limit=5&charge_point=AMBER-0&from=2026-03-01T00:00:00Z"
    api.get(address)  # opens the ratings of sessions that have none yet
    with django_assert_max_num_queries(6) as asked:
        api.get(address)
    assert not [each["sql"] for each in asked.captured_queries if "COUNT(" in each["sql"].upper()]
