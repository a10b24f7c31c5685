"""What a charge point says of itself when it registers: checked before anything is asked of the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Invalid
from registry.identifiers import cp_id_check
from registry.services.certificates import Certificate, certificate_read

MAX_METADATA_BYTES = 16 * 1024
MAX_LOCATION_LENGTH = 200
MAX_METADATA_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Application:
    """The body of a registration; `metadata` None leaves what is stored as it is."""

    cp_id: str
    location: str
    metadata: Mapping[str, Any] | None = None
    certificate_pem: str = ""


def application_check(application: Application, now: datetime) -> Certificate | None:
    """The certificate of a sound application, if it has one; raises Invalid naming the wrong field."""
    cp_id_check(application.cp_id)
    location_check(application.location)
    if application.metadata is not None:
        metadata_check(application.metadata)
    if application.certificate_pem:
        return certificate_read(pem=application.certificate_pem, now=now)
    if settings.REGISTRY_REQUIRE_CERTIFICATE:
        raise _fault("certificate_pem", str(_("A certificate is required.")))
    return None


def location_check(location: str) -> None:
    """Raise Invalid for a location that is empty, too long or not one printable line."""
    if not location.strip() or len(location) > MAX_LOCATION_LENGTH:
        raise _fault("location", str(_("location must have 1 to 200 characters.")))
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in location):
        raise _fault("location", str(_("location must be one line of text.")))


def metadata_check(metadata: Any) -> None:
    """Raise Invalid for metadata that is no object, too large, too deep or not fit for every database."""
    if not isinstance(metadata, Mapping):
        raise _fault("metadata", str(_("metadata must be an object.")))
    if _depth(metadata) > MAX_METADATA_DEPTH:
        raise _fault("metadata", str(_("metadata is nested too deeply.")))
    try:
        size = len(json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode())
    except ValueError as error:
        raise _fault("metadata", str(_("metadata holds a value that is not valid JSON."))) from error
    if size > MAX_METADATA_BYTES:
        raise _fault("metadata", str(_("metadata is larger than 16 KiB.")))
    if _holds_nul(metadata):
        raise _fault("metadata", str(_("metadata must not hold NUL characters.")))


def _depth(value: Any, level: int = 0) -> int:
    if level > MAX_METADATA_DEPTH or not isinstance(value, Mapping | list):
        return level
    children = value.values() if isinstance(value, Mapping) else value
    return max((_depth(child, level + 1) for child in children), default=level + 1)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any("\x00" in key or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


def _fault(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
