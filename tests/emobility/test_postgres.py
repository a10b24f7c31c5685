"""Times from PostgreSQL are those that were written; what reads for too long is ended."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from emobility.lib.errors import Invalid
from emobility.lib.postgres import UtcLoader, reading_bounded

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MOMENTS = (
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 2, 59, 59, 999999, tzinfo=timezone(timedelta(hours=2))),
    datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=timezone(-timedelta(hours=11, minutes=30))),
    datetime(9999, 12, 31, tzinfo=UTC),
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_time_comes_back_in_utc(moment: datetime) -> None:
    """To the microsecond, from any zone, by the quick reader."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [moment])
        read, nothing = cursor.fetchone()
        assert connection.connection.adapters.get_loader(1184, 0) is UtcLoader
    assert (read, read.tzinfo, nothing) == (moment, UTC, None)


def test_a_search_that_takes_too_long_is_ended_with_a_clear_word():
    with pytest.raises(Invalid, match="Ask for less"), reading_bounded(0.01), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")


def test_a_connection_that_the_server_ended_is_not_handed_out():
    """Also where it was asked a moment before whether it stands."""
    target = {"conninfo": connection.connection.info.dsn, "kwargs": {"autocommit": True}}
    target["kwargs"]["password"] = connection.connection.info.password
    with ConnectionPool(**target, min_size=1, max_size=1, check=ConnectionPool.check_connection) as pool:
        with pool.connection() as first:
            ended = first.info.backend_pid
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
        with pool.connection() as second:
            assert second.execute("SELECT 1").fetchone() == (1,)
            assert second.info.backend_pid != ended
