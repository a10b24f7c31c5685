"""On PostgreSQL messages are partitioned by day and meter values by month, so that old ones go without a trace.

Rows that are there already stay where they are: their table becomes the partition of everything before the
next day or month. It is read once to be sure of that, while nobody writes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

Rows = list[tuple[Any, ...]]


def day(moment: datetime, step: int) -> datetime:
    """The beginning of the day `step` days later."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=step)


def month(moment: datetime, step: int) -> datetime:
    """The beginning of the month `step` months later."""
    months = moment.year * 12 + moment.month - 1 + step
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


TABLES: tuple[tuple[str, str, Callable[[datetime, int], datetime], str], ...] = (
    ("central_message", "at", day, "%Y%m%d"),
    ("central_metervalue", "sampled_at", month, "%Y%m"),
)
BACK, AHEAD = {day: 7, month: 1}, {day: 7, month: 2}


def partition(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the tables partitioned, whatever they hold."""
    if schema_editor.connection.vendor != "postgresql":
        return
    now = datetime.now(UTC)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column, begin, pattern in TABLES:
            _partition(cursor, table, column)
            _divide(cursor, table, column, begin, pattern, now)


def unite(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back to plain tables."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column, *_ in TABLES:
            _unite(cursor, table, column)


def _rows(cursor: Any, query: str) -> Rows:
    cursor.execute(query)
    found: Rows = cursor.fetchall()
    return found


def _parts(cursor: Any, table: str) -> tuple[Rows, Rows]:
    """Indexes (name, definition) without the key's, and foreign keys (name, definition)."""
    indexes = _rows(
        cursor,
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        f" JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '{table}'::regclass AND NOT i.indisprimary",
    )
    keys = _rows(
        cursor,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND contype = 'f'",
    )
    return indexes, keys


def _set_aside(cursor: Any, table: str) -> tuple[Rows, Rows]:
    """Rename the table and its indexes; answers what their successors need."""
    indexes, keys = _parts(cursor, table)
    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    cursor.execute(f"ALTER INDEX {table}_pkey RENAME TO {table}_before_pkey")
    for number, (name, _) in enumerate(indexes):
        cursor.execute(f'ALTER INDEX "{name}" RENAME TO {table}_before_{number}')
    return indexes, keys


def _complete(cursor: Any, table: str, key: str, indexes: Rows, keys: Rows) -> None:
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})")
    for _, definition in indexes:
        cursor.execute(definition.replace(" ON ONLY ", " ON "))
    for name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _partition(cursor: Any, table: str, column: str) -> None:
    """An empty partitioned table; what was there before waits as `<table>_before`."""
    indexes, keys = _set_aside(cursor, table)
    ((last,),) = _rows(cursor, f"SELECT coalesce(max(id), 0) FROM {table}_before")
    ((spent,),) = _rows(cursor, f"SELECT last_value FROM {table}_id_seq")
    # A partitioned table can have no identity column before PostgreSQL 17; a sequence does the same.
    cursor.execute(f"ALTER TABLE {table}_before ALTER COLUMN id DROP IDENTITY")
    cursor.execute(
        f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        f" PARTITION BY RANGE ({column})"
    )
    cursor.execute(f"CREATE SEQUENCE {table}_id_seq AS bigint START {max(last, spent) + 1} OWNED BY {table}.id")
    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('{table}_id_seq')")
    _complete(cursor, table, f"id, {column}", indexes, keys)


def _divide(
    cursor: Any, table: str, column: str, begin: Callable[[datetime, int], datetime], pattern: str, now: datetime
) -> None:
    """The partitions: one for each period, one for times that no other has, one for the rows from before."""
    ((filled,),) = _rows(cursor, f"SELECT EXISTS (SELECT 1 FROM {table}_before)")
    first = 1 if filled else -BACK[begin]
    cursor.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
    for step in range(first, AHEAD[begin] + 1):
        low, high = begin(now, step), begin(now, step + 1)
        cursor.execute(
            f"CREATE TABLE {table}_p{low.strftime(pattern)} PARTITION OF {table}"
            f" FOR VALUES FROM ('{low.isoformat()}') TO ('{high.isoformat()}')"
        )
    if not filled:
        cursor.execute(f"DROP TABLE {table}_before")
        return
    bound = begin(now, 1).isoformat()
    cursor.execute(
        f"WITH later AS (DELETE FROM {table}_before WHERE {column} >= '{bound}' RETURNING *)"
        f" INSERT INTO {table} SELECT * FROM later"
    )
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {table}_before FOR VALUES FROM (MINVALUE) TO ('{bound}')"
    )


def _unite(cursor: Any, table: str, column: str) -> None:
    indexes, keys = _parts(cursor, table)
    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_parts")
    cursor.execute(f"CREATE TABLE {table} (LIKE {table}_parts INCLUDING CONSTRAINTS)")
    cursor.execute(f"INSERT INTO {table} SELECT * FROM {table}_parts")
    cursor.execute(f"DROP TABLE {table}_parts")
    ((last,),) = _rows(cursor, f"SELECT coalesce(max(id), 0) FROM {table}")
    cursor.execute(
        f"ALTER TABLE {table} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START {last + 1})"
    )
    _complete(cursor, table, f"id, {column}", indexes, keys)


class Migration(migrations.Migration):
    """The same models in another kind of table."""

    dependencies = [("central", "0003_reservations")]
    operations = [migrations.RunPython(partition, unite)]
