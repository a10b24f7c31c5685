"""A database for one server process under test, read with plain SQL: a SQLite file, or one on PostgreSQL."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg


class PrivateDatabase:
    """`url` for the server's DATABASE_URL, `rows` for the test."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """The rows of a SELECT."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as file:
                return file.execute(query).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def private_database(folder: Path) -> Iterator[PrivateDatabase]:
    """A new database on the kind of server that the test run uses; it is gone afterwards."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield PrivateDatabase(f"sqlite:///{folder / 'private.sqlite3'}")
        return
    name = f"test_private_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield PrivateDatabase(urlunsplit(urlsplit(url)._replace(path=f"/{name}")))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
