"""Names of variables for reading: they may break where they are made of parts."""

import re
from typing import Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

_ENDS: Final = re.compile(r"(?<=[.:\]#])|(?=\[)")


def breakable(name: str) -> SafeString:
    """A name that a narrow column may break between its parts."""
    parts = [part for part in _ENDS.split(name) if part]
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))
