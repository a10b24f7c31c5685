"""What PostgreSQL's driver is told: how to read times, how often to ask whether a connection stands, when to
let go of a reading."""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.utils.translation import gettext as _
from psycopg import Connection, adapters
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.errors import QueryCanceled
from psycopg.pq import Format
from psycopg_pool import ConnectionPool

from emobility.lib.errors import Invalid

TIMESTAMPTZ: Final = adapters.types["timestamptz"].oid
COMPILED: Final = adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
"""The compiled one where the driver has it, else the one in Python."""


class UtcLoader(Loader):
    """Reads `timestamptz` as aware UTC, six times faster than Django's own reader, which is Python.

    Right on connections whose time zone is UTC, as Django sets it.
    """

    timezone = UTC
    """Django asks a connection's reader for it before each cursor."""

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        if COMPILED is not None:
            # The driver takes `load` from the reader once for each column: no Python stands between.
            self.load = COMPILED(oid, context).load  # type: ignore[method-assign]

    def load(self, data: Buffer) -> Any:  # pragma: no cover -- replaced in every reader
        """Replaced by the driver's."""
        raise NotImplementedError


def times_read_quickly() -> None:
    """Have every later connection of this process read times so."""
    get_adapters_template(True, UTC).adapters.register_loader("timestamptz", UtcLoader)


CHECKED_EVERY_SECONDS: Final = 2.0
_asks: Final = ConnectionPool.check_connection


def connections_checked_seldom() -> None:
    """Have a pool ask the server at most every two seconds whether a connection stands, not for each request.

    A server that ended a connection is heard at once: it said so, or closed it. Has to be called before there
    is a pool: Django gives it this function.
    """
    ConnectionPool.check_connection = staticmethod(_check)  # type: ignore[method-assign,assignment]


def _check(connection: Connection[Any]) -> None:
    """Raises what the driver raises where the connection does not stand."""
    now, asked = time.monotonic(), getattr(connection, "_asked_at", None)
    if asked is None or now - asked >= CHECKED_EVERY_SECONDS or _has_news(connection):
        _asks(connection)
        connection._asked_at = now  # type: ignore[attr-defined]  # noqa: SLF001 -- the pool keeps no times


def _has_news(connection: Connection[Any]) -> bool:
    """True where the server sent something unasked, or hung up."""
    watched = select.poll()
    watched.register(connection.fileno(), select.POLLIN)
    return bool(watched.poll(0))


@contextmanager
def reading_bounded(seconds: float) -> Iterator[None]:
    """Let nobody's search hold a connection for long; SQLite, which serves laptops, knows no limit.

    Raises Invalid where a statement took longer.
    """
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise Invalid(_("This took too long. Ask for less: a shorter time or one charge point.")) from error
