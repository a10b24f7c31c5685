"""What can be done to a variable from its page: read it again, change it."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from central.models import Variable
from central.ocpp.ordering import order_place
from central.services.configuration_orders import GET, LIST, PASSWORDS, SET
from central.services.variables import HIDDEN
from registry.admin.actions import ObjectAction, Outcome
from registry.rights import Right

LONG = 60
NUMBERS = ("integer", "decimal")


class ValueForm(forms.Form):
    """The new value, as the variable's type allows."""

    def __init__(self, data: Any, variable: Variable) -> None:
        super().__init__(data)
        self.fields["value"] = _field(variable)
        self.fields["value"].initial = "" if variable.value == HIDDEN else variable.value


def _field(variable: Variable) -> forms.Field:
    common: dict[str, Any] = {"label": _("Value"), "help_text": _hint(variable)}
    if variable.data_type == "boolean":
        return forms.ChoiceField(
            choices=[("true", _("true")), ("false", _("false"))], widget=UnfoldAdminSelectWidget, **common
        )
    if variable.data_type == "OptionList" and variable.choices:
        options = [(each, each) for each in variable.choices]
        return forms.ChoiceField(choices=options, widget=UnfoldAdminSelectWidget, **common)
    if variable.data_type in NUMBERS:
        return forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, **common)
    widget = UnfoldAdminTextareaWidget if len(variable.value) > LONG else UnfoldAdminTextInputWidget
    return forms.CharField(max_length=2500, required=False, strip=False, widget=widget, **common)


def _hint(variable: Variable) -> str:
    """What the charge point said of allowed values; it decides, not we."""
    parts = [variable.unit and _t("In {unit}.").format(unit=variable.unit)]
    if variable.min_limit is not None:
        parts.append(_t("At least {limit:g}.").format(limit=variable.min_limit))
    if variable.max_limit is not None:
        parts.append(_t("At most {limit:g}.").format(limit=variable.max_limit))
    if variable.choices:
        parts.append(_t("Of: {names}.").format(names=", ".join(variable.choices)))
    return " ".join(part for part in parts if part)


def item_of(variable: Variable) -> dict[str, Any]:
    """The variable as an entry of an order."""
    if not variable.component:
        return {"name": variable.variable}
    entry = {
        "component": variable.component,
        "component_instance": variable.component_instance,
        "variable": variable.variable,
        "instance": variable.variable_instance,
        "evse": variable.evse_number,
        "connector": variable.connector_number,
    }
    return {name: value for name, value in entry.items() if value}


def _order(request: HttpRequest, variable: Variable, order: str, item: dict[str, Any]) -> None:
    user: Any = request.user
    order_place(
        charge_point=variable.charge_point,
        order=order,
        params={LIST: [item]},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )


def _read(request: HttpRequest, obj: Variable, values: dict[str, Any]) -> Outcome:
    _order(request, obj, GET, item_of(obj))
    return _t("The reading is ordered. The value changes here when the charge point has answered.")


def _change(request: HttpRequest, obj: Variable, values: dict[str, Any]) -> Outcome:
    _order(request, obj, SET, item_of(obj) | {"value": str(values["value"])})
    return _t("The change is ordered. The value changes here when the charge point has answered.")


def _fixed(obj: Variable) -> str:
    if obj.variable.lower() in PASSWORDS:
        return _t("Passwords are changed by the order that rotates them.")
    return _t("The charge point says that it is read only.") if obj.read_only else ""


ACTIONS = (
    ObjectAction(
        slug="change",
        label=_("Change"),
        explain=_("Sets the value at the charge point, which may refuse it or ask for a restart."),
        right=Right.SERVICE,
        run=_change,
        form=lambda data, request, obj: ValueForm(data, obj),
        hindrance=_fixed,
        icon="edit",
    ),
    ObjectAction(
        slug="read",
        label=_("Read again"),
        explain=_("Asks the charge point for the value that it has now."),
        right=Right.SERVICE,
        run=_read,
        icon="refresh",
    ),
)
