"""A form's parameters as JSON Schema (2020-12), for those who place orders by machine."""

from typing import Any, Final

from django import forms
from django.utils.encoding import force_str

from central.ocpp.order_lists import ListField

Schema = dict[str, Any]
_TYPES: Final[tuple[tuple[type[forms.Field], Schema], ...]] = (
    (forms.UUIDField, {"type": "string", "format": "uuid"}),
    (forms.URLField, {"type": "string", "format": "uri"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (ListField, {"type": ["array", "string"]}),
    (forms.JSONField, {}),
    (forms.NullBooleanField, {"type": ["boolean", "null"]}),
    (forms.BooleanField, {"type": "boolean"}),
    (forms.DecimalField, {"type": ["number", "string"]}),
    (forms.FloatField, {"type": "number"}),
    (forms.IntegerField, {"type": "integer"}),
)
"""The first that fits counts; everything else is a text."""

_LIMITS: Final = {
    "minimum": "min_value",
    "maximum": "max_value",
    "minLength": "min_length",
    "maxLength": "max_length",
}


def form_schema(form: forms.Form) -> Schema:
    """The object that the form accepts: each field with its words, bounds and choices."""
    return {
        "type": "object",
        "properties": {name: _property(field) for name, field in form.fields.items()},
        "required": [name for name, field in form.fields.items() if field.required],
        "additionalProperties": False,
    }


def _property(field: forms.Field) -> Schema:
    found: Schema = {"title": force_str(field.label or "")}
    if field.help_text:
        found["description"] = force_str(field.help_text)
    if field.initial is not None and not callable(field.initial):
        found["default"] = field.initial
    if isinstance(field, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)):
        return found | {"type": "array", "items": _choices(field)}
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return found | _choices(field)
    return found | _plain(field)


def _choices(field: Any) -> Schema:
    if isinstance(field, (forms.ModelChoiceField, forms.ModelMultipleChoiceField)):
        return {"type": ["string", "integer"]}
    listed = [(value, force_str(words)) for value, words in _flat(field.choices) if value != ""]
    return {"oneOf": [{"const": value, "title": words} for value, words in listed]}


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """Choices without their groups."""
    found: list[tuple[Any, Any]] = []
    for value, words in choices:
        found += list(words) if isinstance(words, (list, tuple)) else [(value, words)]
    return found


def _plain(field: forms.Field) -> Schema:
    known = (schema for kind, schema in _TYPES if isinstance(field, kind))
    made: Schema = dict(next(known, {"type": "string"}))
    for name, attribute in _LIMITS.items():
        bound = getattr(field, attribute, None)
        if bound is not None:
            made[name] = float(bound) if not isinstance(bound, int) else bound
    return made
