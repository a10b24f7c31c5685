"""Every list of REST: sorted as it says, whole over its pages, at the same cost for one row as for many."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import emobility.urls  # noqa: F401 -- registers the resources
from central.api.records import RECORDS
from registry.models import Organization
from registry.models.user import Role
from tests.support.world import furnish, staff

LISTS = [
    *sorted(RECORDS),
    "cdrs",
    "chargers",
    "chargers/AMBER-0/sessions",
    "commands",
    "sessions",
    "tariffs",
]
MOST = 12


@pytest.fixture
def api(db):
    own = Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)
    furnish(own, "AMBER", 3)
    client = Client()
    client.force_login(staff(own, Role.ADMIN))
    return client


def _asked(api, url):
    """The answer and its statements."""
    with CaptureQueriesContext(connection) as asked:
        answer = api.get(url)
    assert answer.status_code == 200, f"{url}: {answer.content[:300]!r}"
    return answer.json(), [each["sql"] for each in asked.captured_queries]


@pytest.mark.once
def test_lists_cost_the_same_for_one_row_as_for_three_and_count_nothing(api):
    wrong = []
    for name in LISTS:
        _, one = _asked(api, f"/api/{name}/?limit=1")
        page, many = _asked(api, f"/api/{name}/?limit=3")
        if len(many) > max(len(one), 1) or len(many) > MOST:
            wrong.append(f"{name}: {len(one)} statements for one row, {len(many)} for {len(page['results'])}")
        if any("SELECT COUNT(" in sql for sql in many):
            wrong.append(f"{name}: counts")
    assert wrong == []


@pytest.mark.once
def test_lists_are_sorted_by_each_column_that_they_name_and_whole_over_their_pages(api):
    for name in LISTS:
        whole = _asked(api, f"/api/{name}/")[0]["results"]
        refused = api.get(f"/api/{name}/?ordering=nothing-of-the-kind").json()
        columns = refused["fields"]["ordering"][0].partition(": ")[2].rstrip(".").split(", ")
        for column in columns:
            for ordering in (column, f"-{column}"):
                rows: list[Any] = []
                url = f"/api/{name}/?limit=2&ordering={ordering}"
                while url:
                    page = _asked(api, url)[0]
                    rows, url = rows + page["results"], page["next"]
                assert sorted(map(str, rows)) == sorted(map(str, whole)), f"{name} by {ordering}"
