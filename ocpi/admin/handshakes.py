"""The steps of a registration, each with its request and its answer."""

from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import badge, pretty
from ocpi.models import Exchange
from registry.admin.actions import object_url

OURS, THEIRS = True, False
WORDS = {
    (OURS, "GET", "versions"): _("We ask for their versions"),
    (OURS, "GET", "details"): _("We ask for their endpoints"),
    (OURS, "POST", "credentials"): _("We send our credentials"),
    (OURS, "DELETE", "credentials"): _("We take the registration back"),
    (THEIRS, "GET", "versions"): _("They ask for our versions"),
    (THEIRS, "GET", "details"): _("They ask for our endpoints"),
    (THEIRS, "GET", "credentials"): _("They read our credentials"),
    (THEIRS, "POST", "credentials"): _("They send their credentials"),
}


def steps_of(rows: "QuerySet[Exchange]") -> list[dict[str, Any]]:
    """The messages of a registration as they ended, in words; those that went wrong are open."""
    return [_step(row) for row in rows.order_by("pk")[:50]]


def steps_shown(rows: "QuerySet[Exchange]") -> SafeString | str:
    """The same as a piece of a page; "" where there are none."""
    steps = steps_of(rows)
    return render_to_string("admin/ocpi/steps.html", {"steps": steps}) if steps else ""


def exchange_badge(row: Exchange) -> SafeString:
    """HTTP status, OCPI status, or the trouble."""
    if row.http_status is None:
        return badge(row.error or _("No answer"), "bad")
    words = " / ".join(str(part) for part in (row.http_status, row.status_code) if part)
    return badge(words, "good" if _is_good(row) else "bad")


def _is_good(row: Exchange) -> bool:
    code = row.status_code or 1000
    return row.http_status is not None and row.http_status < 400 and 1000 <= code < 2000 and not row.error


def _step(row: Exchange) -> dict[str, Any]:
    kind = row.module
    if kind == "versions":
        kind = "versions" if row.url.split("?")[0].rstrip("/").endswith("versions") else "details"
    return {
        "row": row,
        "words": WORDS.get((row.outgoing, row.method, kind), f"{row.method} {row.module}"),
        "result": exchange_badge(row),
        "request": pretty(row.request_body),
        "answer": pretty(row.response_body) if row.response_body else row.error or pretty(None),
        "page": object_url(row),
        "open": not _is_good(row),
    }
