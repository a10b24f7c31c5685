"""Quarters of an hour, counted by the database."""

from typing import Any, Final

from django.db.models import Func, IntegerField

SLOT: Final = 900
"""Seconds."""


class Slot(Func):
    """The number of the quarter of an hour of a moment, since 1970."""

    output_field = IntegerField()
    template = f"CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / {SLOT}) AS BIGINT)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has times as text."""
        template = f"(CAST(STRFTIME('%%%%s', %(expressions)s) AS INTEGER) / {SLOT})"
        return super().as_sql(compiler, connection, template=template, **context)
