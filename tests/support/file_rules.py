"""How strangers are sent to exports, to files of charge points, and to tables of the platform."""

from collections.abc import Callable
from typing import Any

from emobility.lib.exports import FORMS
from registry.api.export_tables import TABLES
from registry.models import ExportJob

OWN_FILES = {"api/^export-jobs/?$", "api/exports", "api/exports/"} | {
    f"api/exports/{table}.{form}" for table in TABLES for form in FORMS
}
_TOKEN = "0123456789abcdef0123456789abcdef"
CLOSED_FILES = {
    "files/logs/<str:token>": f"files/logs/{_TOKEN}",
    "files/logs/<str:token>/": f"files/logs/{_TOKEN}/",
    "files/logs/<str:token>/<path:name>": f"files/logs/{_TOKEN}/log.zip",
    "files/firmware/<str:token>/<path:name>": f"files/firmware/{_TOKEN}/x.bin",
}


def _export(rest: str) -> Callable[[Any], str]:
    return lambda world: f"api/export-jobs/{world.one(ExportJob).uid}{rest}/"


EXPORTS = {
    f"api/^export-jobs/(?P<uid>[0-9a-f-]{{36}}){rest}/?$": _export(rest) for rest in ("", "/cancel", "/file")
}

PLATFORM_TABLES = {"registry/eventreader"}
"""Tables of the admin that belong to no organisation: for those alone who run the platform."""
