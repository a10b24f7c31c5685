"""Rows that are written once: what was priced and sold is never changed afterwards."""

from django.db import models
from django.utils.translation import gettext as _

from emobility.lib.errors import Conflict


def refuse_change(row: models.Model) -> None:
    """Raise Conflict for a row that is in the database already."""
    if row.pk is not None:
        raise Conflict(_("This is kept as it was written; a correction is a new one."))
