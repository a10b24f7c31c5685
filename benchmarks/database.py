"""A PostgreSQL database of its own for a benchmark, dropped afterwards."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DEFAULT_URL = "postgres://postgres@127.0.0.1:5432/postgres"


def admin_url() -> str:
    """A database in which we may create others: BENCH_DATABASE_URL, TEST_DATABASE_URL or the local one."""
    return os.environ.get("BENCH_DATABASE_URL") or os.environ.get("TEST_DATABASE_URL") or DEFAULT_URL


@contextmanager
def fresh_database() -> Iterator[str]:
    """The URL of a new, empty database; raises psycopg.OperationalError where there is no PostgreSQL."""
    name = f"bench_emobility_{secrets.token_hex(4)}"
    url = admin_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
