"""Form fields for orders with lists: JSON from programs, lines of text from people."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.services.device_places import item_check
from emobility.lib.errors import Invalid

MOST_ITEMS = 1000


class ListField(forms.Field):
    """A list of entries: as JSON, or one entry a line. Empty where nothing stands there."""

    widget = forms.Textarea({"rows": 4})

    def __init__(self, *, entry: Callable[[Any], Any], line: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self._entry, self._line = entry, line

    def to_python(self, value: Any) -> list[Any] | None:
        """The entries, checked. Raises ValidationError."""
        entries = self._read(value)
        if not entries:
            return None
        if not isinstance(entries, list) or len(entries) > MOST_ITEMS:
            raise forms.ValidationError(_("A list of at most 1,000 entries is needed."))
        try:
            return [self._entry(entry) for entry in entries]
        except Invalid as error:
            raise forms.ValidationError(error.message) from error

    def _read(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value.strip()
        if not text.startswith(("[{", '["')):
            return [self._line(line.strip()) for line in text.splitlines() if line.strip()]
        try:
            return json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is no JSON.")) from error


def names_field(**options: Any) -> ListField:
    """Names of variables, one a line."""
    return ListField(entry=_nameless_value, line=str, **options)


def values_field(**options: Any) -> ListField:
    """Names and values, `name = value` a line."""
    return ListField(entry=_with_value, line=_assignment, **options)


def numbers_field(**options: Any) -> ListField:
    """Whole numbers, one a line."""
    return ListField(entry=_whole, line=str, **options)


def cut_to(limit: int | None, items: Sequence[Any]) -> None:
    """Raise ValueError where a list is longer than the charge point takes, which was not known before."""
    if limit is not None and len(items) > limit:
        raise ValueError(f"It takes at most {limit} entries at once: order fewer.")


def _nameless_value(entry: Any) -> dict[str, Any]:
    item = item_check(entry)
    if "value" in item:
        raise Invalid(str(_("A value has no place here.")))
    return item


def _with_value(entry: Any) -> dict[str, Any]:
    item = item_check(entry)
    if "value" not in item:
        raise Invalid(str(_("An entry has no value: write name = value.")))
    return item


def _assignment(line: str) -> dict[str, Any]:
    name, equals, value = line.partition("=")
    return {"name": name.strip()} | ({"value": value.strip()} if equals else {})


def _whole(entry: Any) -> int:
    text = str(entry).strip()
    if isinstance(entry, bool) or not text.isdecimal() or len(text) > 18:
        raise Invalid(str(_("Whole numbers are needed.")))
    return int(text)
