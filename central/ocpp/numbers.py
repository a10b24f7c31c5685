"""OCPP's integer: 32 bits with sign (2.x part 2 §2.1); JSON allows any, the schemas do not say."""

from typing import Any, Final

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid

LEAST: Final = -(2**31)
MOST: Final = 2**31 - 1


def whole(value: Any, name: str, least: int = LEAST) -> int:
    """An integer of OCPP that is at least `least`. Raises Invalid with the name of the field."""
    number = int(value)
    if not least <= number <= MOST:
        raise Invalid(_("A number is out of range."), {name: _("out of range")})
    return number


def whole_or_none(value: Any, name: str, least: int = LEAST) -> int | None:
    """The same for a field that may be left out."""
    return None if value is None else whole(value, name, least)
