"""Times from PostgreSQL by the compiled reader of the driver: Django's own is Python, six times slower."""

from datetime import UTC
from typing import Any, Final

from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg import adapters
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

TIMESTAMPTZ: Final = adapters.types["timestamptz"].oid
COMPILED: Final = adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
"""The compiled one where the driver has it, else the one in Python."""


class UtcLoader(Loader):
    """Reads `timestamptz` as aware UTC; right on connections whose time zone is UTC, as Django sets it."""

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
