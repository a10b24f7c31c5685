"""Filters that REST resources share: keys, times, and the pair `from`/`to`."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet, IsoDateTimeFilter, NumberFilter
from django_filters.fields import IsoDateTimeField

LARGEST_KEY: Final = 2**63 - 1
YEARS: Final = (1900, 9000)
"""Beyond these no zone's offset can be added or taken away."""


class BoundedTimeField(IsoDateTimeField):  # type: ignore[misc]
    """An ISO 8601 time that every database can hold."""

    def to_python(self, value: Any) -> Any:
        """Raise ValidationError for a time before 1900 or after 8999."""
        try:
            found = super().to_python(value)
        except OverflowError as error:
            raise forms.ValidationError(_("This time is out of range.")) from error
        if isinstance(found, datetime) and not YEARS[0] <= found.year < YEARS[1]:
            raise forms.ValidationError(_("This time is out of range."))
        return found


class TimeFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """A moment, ISO 8601."""

    field_class = BoundedTimeField


class WholeFilter(NumberFilter):  # type: ignore[misc]
    """A whole number: a key, or a number of a place."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": -LARGEST_KEY, "max_value": LARGEST_KEY} | kwargs)

    def get_max_validator(self) -> None:
        """The bound stands in the field."""


def within(filterset: type[FilterSet], field_name: str) -> None:
    """Add `from` (inclusive) and `to` (exclusive); the first is a word of Python's and no name in a class."""
    filterset.base_filters["from"] = TimeFilter(field_name=field_name, lookup_expr="gte", label=_("from"))
    filterset.base_filters["to"] = TimeFilter(field_name=field_name, lookup_expr="lt", label=_("until"))
