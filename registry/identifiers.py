"""Rules of charge point ids: what may stand in a URL, a Basic user name and an OCPP path alike."""

import re

from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Invalid

CP_ID = re.compile(r"[A-Za-z0-9*\-_=+|@. ]{1,48}")
RESERVED = frozenset({"register", "authenticate", ".", ".."})


def is_cp_id(text: str) -> bool:
    """True for a well-formed id: 1 to 48 of letters, digits and `*-_=+|@. `, no space at either end."""
    return CP_ID.fullmatch(text) is not None and text == text.strip() and text not in RESERVED


def cp_id_check(text: str) -> None:
    """Raise Invalid where `text` cannot be a charge point's id."""
    if not is_cp_id(text):
        message = str(_("cp_id must be 1 to 48 letters, digits or any of * - _ = + | @ . and inner spaces."))
        raise Invalid(message, {"cp_id": message})


def prefix_check(text: str) -> None:
    """Raise Invalid where no charge point's id can begin with `text`."""
    if CP_ID.fullmatch(text) is None or text != text.lstrip():
        message = str(_("The prefix must consist of characters that a cp_id may have."))
        raise Invalid(message, {"prefix": message})
