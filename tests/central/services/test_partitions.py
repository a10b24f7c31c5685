"""Partitions of messages and meter values on PostgreSQL: the way there and back, made ahead, dropped."""

import time
from datetime import UTC, datetime, timedelta
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from central.models import Message, MeterValue
from central.services.history import messages_drop_old, meter_values_drop_old, partitions_prepare
from tests.support.wait import FACTOR

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

migration = import_module("central.migrations.0004_partitions")


@pytest.fixture(autouse=True)
def _at_once(db):
    """Foreign keys are checked at once: a transaction that still has to cannot change its tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def partitions(table):
    """The bounds of each partition, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
            [table],
        )
        return dict(cursor.fetchall())


def place(row):
    """The partition that a row is in."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def message(charge_point, at):
    return Message.objects.create(
        charge_point=charge_point, direction="in", kind=2, action="Heartbeat", at=at
    )


def value(charge_point, at):
    return MeterValue.objects.create(charge_point=charge_point, sampled_at=at, received_at=at)


def constraints(table):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    return {(name, tuple(each["columns"] or ()), each["primary_key"]) for name, each in found.items()}


class TestMigration:
    """Tables with rows are taken over as they are; the way back gives plain tables with all rows."""

    def test_there_with_rows_and_back(self, charge_point):
        now = datetime.now(UTC)
        before = {table: constraints(table) for table in ("central_message", "central_metervalue")}
        with connection.schema_editor(atomic=False) as editor:
            migration.unite(apps, editor)
            times = [
                datetime(1970, 1, 1, tzinfo=UTC),
                now - timedelta(days=40),
                now,
                now + timedelta(days=900),
            ]
            messages = [message(charge_point, at) for at in times]
            values = [value(charge_point, at) for at in times]
            assert {place(row) for row in messages + values} == {"central_message", "central_metervalue"}
            migration.partition(apps, editor)
        assert [place(row).removeprefix("central_message_") for row in messages] == ["before"] * 3 + [
            "default"
        ]
        assert [place(row).removeprefix("central_metervalue_") for row in values][:3] == ["before"] * 3
        assert [row.pk for row in Message.objects.order_by("at")] == [row.pk for row in messages]
        assert message(charge_point, now).pk > messages[-1].pk
        assert {table: constraints(table) for table in before} == before

    def test_an_empty_table_needs_no_partition_for_what_was_before(self):
        assert "central_message_before" not in partitions("central_message")
        assert partitions("central_message")["central_message_default"] == "DEFAULT"


class TestAhead:
    """The days to come have their partitions before anybody needs them."""

    def test_what_is_there_is_not_made_again_what_is_missing_is(self):
        now = datetime.now(UTC)
        later = now + timedelta(days=2)
        assert partitions_prepare(now=now) == 0
        assert partitions_prepare(now=later) == 2 + (later.month != now.month)
        assert partitions_prepare(now=later) == 0
        assert f"central_message_p{now + timedelta(days=9):%Y%m%d}" in partitions("central_message")

    def test_rows_that_came_before_their_partition_move_into_it(self, charge_point):
        """Nobody prepared partitions for weeks: nothing was lost meanwhile, and order returns by itself."""
        later = datetime.now(UTC) + timedelta(days=30)
        rows = [message(charge_point, later + timedelta(hours=hour)) for hour in range(0, 72, 7)]
        assert {place(row) for row in rows} == {"central_message_default"}
        assert partitions_prepare(now=later) > 0
        assert [place(row) for row in rows] == [f"central_message_p{row.at:%Y%m%d}" for row in rows]
        assert Message.objects.count() == len(rows)

    def test_times_that_no_partition_has_are_kept_all_the_same(self, charge_point):
        row = value(charge_point, datetime(1970, 1, 1, tzinfo=UTC))
        assert place(row) == "central_metervalue_default"
        assert MeterValue.objects.get(pk=row.pk) == row


class TestRetention:
    """Old days go with their partition; old rows among odd ones in batches."""

    def test_a_day_goes_with_its_partition(self, charge_point):
        now = datetime.now(UTC)
        rows = [message(charge_point, now - timedelta(days=days)) for days in (0, 3, 5, 6, 7)]
        gone = messages_drop_old(now=now, keep_days=5)
        assert gone == 2
        assert set(Message.objects.all()) == set(rows[:3])
        assert f"central_message_p{rows[4].at:%Y%m%d}" not in partitions("central_message")

    def test_a_partition_goes_only_where_all_of_it_is_too_old(self, charge_point):
        now = datetime.now(UTC).replace(hour=12)
        row = message(charge_point, now - timedelta(days=2, hours=-1))
        assert messages_drop_old(now=now, keep_days=2) >= 1
        assert list(Message.objects.all()) == [row]

    def test_nothing_goes_where_nothing_is_to_go(self, charge_point):
        row = message(charge_point, datetime.now(UTC) - timedelta(days=7))
        assert messages_drop_old(now=datetime.now(UTC), keep_days=0) == 0
        assert list(Message.objects.all()) == [row]

    def test_odd_times_go_too(self, charge_point):
        now = datetime.now(UTC)
        value(charge_point, datetime(1970, 1, 1, tzinfo=UTC))
        young = value(charge_point, now)
        assert meter_values_drop_old(now=now, keep_days=400) == 1
        assert list(MeterValue.objects.all()) == [young]

    def test_somebody_who_reads_is_not_waited_for_long(self, transactional_db, monkeypatch):
        """A report that reads for minutes delays the dropping, never the charge points."""
        monkeypatch.setattr("central.services.partitions.LOCK_TIMEOUT_MS", 100)
        now = datetime.now(UTC) + timedelta(days=8)
        with psycopg.connect(connection.connection.info.dsn) as other:
            other.execute("SELECT count(*) FROM central_message")
            started = time.monotonic()
            assert messages_drop_old(now=now, keep_days=1) == 0
        assert time.monotonic() - started < 2


def test_reading_by_id_stays_quick(charge_point, django_assert_num_queries):
    """Django's own key is not the table's: with forty partitions it still takes milliseconds."""
    now = datetime.now(UTC)
    for days in range(0, 36, 7):
        partitions_prepare(now=now + timedelta(days=days))
    rows = [message(charge_point, now + timedelta(days=days)) for days in range(36)]
    Message.objects.get(pk=rows[0].pk)
    started = time.perf_counter()
    with django_assert_num_queries(len(rows)):
        assert [Message.objects.get(pk=row.pk) for row in rows] == rows
    assert (time.perf_counter() - started) / len(rows) < 0.02 * FACTOR
