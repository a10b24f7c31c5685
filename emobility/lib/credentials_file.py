"""A file of credentials, downloaded once: ids and passwords as CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

from emobility.lib.cells import harmless


def credentials_file(pairs: Iterable[tuple[str, str]], *, status: int = 200) -> HttpResponse:
    """The download; no cache may keep it."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(("cp_id", "password"))
    writer.writerows([harmless(cell) for cell in pair] for pair in pairs)
    return HttpResponse(
        text.getvalue().encode(),
        status=status,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="charge-point-credentials.csv"',
            "Cache-Control": "no-store",
        },
    )
