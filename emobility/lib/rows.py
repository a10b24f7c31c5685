"""Model serializers that show many rows: what a field needs is looked up once, not once for each row."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.timezone import get_current_timezone_name
from rest_framework import serializers
from rest_framework.fields import SkipField

Row = TypeVar("Row", bound=Model)
Way = tuple[str, Any, Callable[[Any], Any], Callable[[Any], Any]]
"""Name, field, how its value is read, how it is shown."""


class QuickModelSerializer(serializers.ModelSerializer[Row]):
    """A ModelSerializer whose rows say the same in half the time."""

    def to_representation(self, instance: Row) -> dict[str, Any]:
        """The row as plain values."""
        shown = {}
        for name, field, read, show in self._ways:
            try:
                value = read(instance)
            except AttributeError:
                try:
                    value = field.get_attribute(instance)
                except SkipField:
                    continue
            shown[name] = None if value is None else show(value)
        return shown

    @cached_property
    def _ways(self) -> list[Way]:
        utc = get_current_timezone_name() == "UTC"
        return [
            (str(field.field_name), field, _reader(field), _writer(field, utc=utc))
            for field in self._readable_fields
        ]


def _reader(field: Any) -> Callable[[Any], Any]:
    """By the attribute's path; relations and methods know better themselves."""
    plain = field.source != "*" and not isinstance(
        field, serializers.RelatedField | serializers.BaseSerializer
    )
    return attrgetter(field.source) if plain and not _is_method(field) else field.get_attribute


def _is_method(field: Any) -> bool:
    """Whether the model answers with a method, which must be called."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    return callable(getattr(model, field.source_attrs[0], None)) if field.source_attrs else False


def _writer(field: Any, *, utc: bool) -> Callable[[Any], Any]:
    if utc and type(field) is serializers.DateTimeField:
        return _utc_text
    show: Callable[[Any], Any] = field.to_representation
    return show


def _utc_text(value: datetime) -> str:
    """As the library writes a time in UTC."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text
