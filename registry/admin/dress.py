"""Plain forms dressed for the admin: each field gets the theme's widget for what it asks."""

import json
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminNullBooleanSelectWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)


class JsonArea(UnfoldAdminTextareaWidget):
    """JSON over several lines."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"spellcheck": "false", "data-json": "", **(attrs or {}), "rows": 14})

    def format_value(self, value: Any) -> Any:
        """Indented where it is JSON, empty where nothing is given; what a person typed stays as it was."""
        if value == "null":
            return ""
        try:
            return json.dumps(json.loads(value), indent=2, ensure_ascii=False) if value else value
        except (TypeError, ValueError):
            return value


class MomentInput(UnfoldAdminTextInputWidget):
    """A date and a time, picked."""

    input_type = "datetime-local"


class DayInput(UnfoldAdminTextInputWidget):
    """A date, picked."""

    input_type = "date"


_WIDGETS: tuple[tuple[Any, Any], ...] = (
    (forms.NullBooleanField, UnfoldAdminNullBooleanSelectWidget),
    (forms.BooleanField, UnfoldBooleanSwitchWidget),
    ((forms.MultipleChoiceField, forms.ModelMultipleChoiceField), UnfoldAdminCheckboxSelectMultipleWidget),
    ((forms.ChoiceField, forms.ModelChoiceField), UnfoldAdminSelectWidget),
    (forms.DateTimeField, MomentInput),
    (forms.DateField, DayInput),
    ((forms.DecimalField, forms.FloatField), UnfoldAdminDecimalFieldWidget),
    (forms.IntegerField, UnfoldAdminIntegerFieldWidget),
    (forms.JSONField, JsonArea),
)


def dressed(form: forms.Form) -> forms.Form:
    """The same form, its plain widgets exchanged; hidden ones and those of the theme stay."""
    for field in form.fields.values():
        if not field.widget.is_hidden and not type(field.widget).__module__.startswith(("unfold", __name__)):
            _dress(field)
    return form


def _dress(field: forms.Field) -> None:
    plain = field.widget
    widget = _widget(field)({name: value for name, value in plain.attrs.items() if name != "class"})
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        widget.choices = field.choices
    elif isinstance(plain, forms.Select):
        widget.choices = plain.choices
    if isinstance(field, forms.DateTimeField):
        field.help_text = with_zone(field)
    widget.is_required = field.required
    widget.attrs.update(field.widget_attrs(widget))
    field.widget = widget


def with_zone(field: forms.Field) -> str:
    """The help text of a moment, which also says what clock it is meant by; nothing is said twice."""
    zone = timezone.get_current_timezone_name()
    if zone in f"{field.label} {field.help_text}":
        return str(field.help_text)
    return f"{field.help_text} {_('Time zone: {zone}.').format(zone=zone)}".strip()


def _widget(field: forms.Field) -> Any:
    if isinstance(field.widget, forms.PasswordInput):
        return UnfoldAdminPasswordWidget
    if type(field.widget) is forms.Select:
        return UnfoldAdminSelectWidget
    if isinstance(field.widget, forms.Textarea) and not isinstance(field, forms.JSONField):
        return UnfoldAdminTextareaWidget
    return next((widget for kind, widget in _WIDGETS if isinstance(field, kind)), UnfoldAdminTextInputWidget)
