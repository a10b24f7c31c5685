"""JSON bodies of machines: one size limit, and nothing that only some databases or parsers can hold."""

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BODY_BYTES = 64 * 1024


class BodyTooLarge(APIException):
    """The body is beyond the limit of its endpoint."""

    status_code = 413
    default_detail = _("The body is too large.")
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """application/json up to 64 KiB; raises BodyTooLarge, ParseError."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body's value."""
        raw: bytes = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge
        try:
            text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(str(_("The body is not valid JSON."))) from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)
