"""Statements that go straight to PostgreSQL's library say the same as those of a cursor."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from psycopg.types.json import Jsonb

from central.models import IdToken
from central.services.statements import _loaders, json_rows, statement_document, statement_rows

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

MOMENT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
NUMBER = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture(params=["direct", "listened to"])
def way(request):
    """Both ways of a statement: straight to the library, and by a cursor where somebody listens."""
    if request.param == "direct":
        statement_rows("SELECT 1", [])
        yield
        return
    with connection.execute_wrapper(lambda execute, *args: execute(*args)):
        yield


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("text", 'it\'s 100% "é" \\ {,}'),
        ("text", None),
        ("bigint", 2**63 - 1),
        ("boolean", True),
        ("boolean", False),
        ("timestamptz", MOMENT),
        ("uuid", NUMBER),
        ("bigint[]", [1, -2]),
        ("text[]", ['a "b"', "c\\d", "", "NULL", "{e,f}"]),
        ("text[]", []),
        ("numeric", 7),
    ],
)
def test_values_arrive_and_come_back_as_they_were(way, cast, value):
    assert statement_rows(f"SELECT %s::{cast}, '%%'", [value]) == [(value, "%")]


def test_rows_travel_as_one_json_parameter(way):
    rows = [{"name": 'é "\\', "at": MOMENT, "uid": NUMBER}]
    sql = "SELECT * FROM json_to_recordset(%s::json) AS v(name text, at timestamptz, uid uuid)"
    assert statement_rows(sql, [json_rows(rows)]) == [tuple(rows[0].values())]


def test_a_connection_keeps_the_reader_of_its_rows():
    assert statement_rows("SELECT %s::timestamptz, 1", [MOMENT]) == [(MOMENT, 1)]
    reader = _loaders[connection.connection]
    assert statement_rows("SELECT 'é', NULL::int WHERE false", []) == []
    assert statement_rows("SELECT 'é', NULL::int", []) == [("é", None)]
    assert _loaders[connection.connection] is reader


def test_a_document_is_json_or_nothing(way):
    assert statement_document("SELECT %s::jsonb::text", [Jsonb({"a": [1]})]) in {'{"a": [1]}', b'{"a": [1]}'}
    assert statement_document("SELECT NULL::text", []) is None


def test_text_that_cannot_be_stored_is_an_error(way):
    with pytest.raises(DataError), transaction.atomic():
        statement_rows("SELECT %s::text", ["a\0b"])
    assert statement_rows("SELECT 1", []) == [(1,)]


def test_errors_are_those_of_django_and_end_the_savepoint_only(way, token):
    table = IdToken._meta.db_table
    with pytest.raises(IntegrityError), transaction.atomic():
        statement_rows(f"INSERT INTO {table} SELECT * FROM {table} WHERE id = %s", [token.pk])
    assert statement_rows(f"SELECT count(*) FROM {table} WHERE id = %s", [token.pk]) == [(1,)]
