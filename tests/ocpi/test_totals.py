"""Totals of lists that only grow: right at every moment, also for rows that are committed late."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ocpi.core.totals import KEPT, SETTLES, total_kept
from registry.models import Organization
from tests.ocpi.rows import NOW

pytestmark = pytest.mark.django_db


def add(number: int, key: int | None = None) -> None:
    Organization.objects.create(pk=key, name=f"O{number}", slug=f"o{number}")


def total(seconds: float) -> int:
    return total_kept(Organization.objects.all(), "test", NOW + timedelta(seconds=seconds))


def test_a_total_grows_with_its_list() -> None:
    """Before and after the rows are counted for good."""
    assert total(0) == 0
    for number in range(3):
        add(number, 10 + number)
        assert total(number) == number + 1
    assert total(40) == 3
    add(3, 20)
    assert [total(41), total(80), total(120)] == [4, 4, 4]


def test_a_row_that_is_committed_late_is_counted() -> None:
    """Its key is lower than one that was seen already."""
    add(1, 12)
    assert total(0) == 1
    add(2, 11)
    assert [total(SETTLES.total_seconds() - 1), total(SETTLES.total_seconds()), total(100)] == [2, 2, 2]


def test_what_is_settled_is_not_counted_again() -> None:
    """Two statements, of which one counts the few new rows; after an hour all is counted once more."""
    add(1, 10)
    for seconds in (0, 31):
        total(seconds)
    with CaptureQueriesContext(connection) as asked:
        assert total(32) == 1
    assert '"id" > 10' in asked.captured_queries[0]["sql"].replace("`", '"')
    Organization.objects.all().delete()
    assert total(40) == 1
    assert total(KEPT.total_seconds() + 1) == 0
