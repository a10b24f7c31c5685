"""How a bulk command comes about: the order chosen, the selection made, the plan written down."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from central.admin.bulk_form import SelectionForm
from central.admin.order_list import HowForm, grouped, matches
from central.models import BulkCommand
from central.ocpp.bulk_orders import bulk_order_plan
from central.ocpp.intents import ORDERS, Order
from central.ocpp.order_values import plain
from emobility.lib.errors import DomainError
from registry.admin.actions import faults_placed, object_url
from registry.admin.dress import dressed
from registry.rights import may


def choose_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """Every order that the person may place; what the address selects already is kept."""
    wanted, kept = request.GET.get("q", "").strip(), request.GET.copy()
    kept.pop("q", None)

    def address(asked: Order) -> str:
        kept["order"] = asked.name
        return f"?{kept.urlencode()}"

    allowed = [each for each in ORDERS.values() if may(request.user, each.right) and matches(each, wanted)]
    context = {
        **admin.admin_site.each_context(request),
        "title": _t("Order for many"),
        "opts": admin.opts,
        "kept": list(kept.items()),
        "groups": grouped(allowed, address),
        "wanted": wanted,
        "back": reverse("admin:central_bulkcommand_changelist"),
    }
    return TemplateResponse(request, "admin/orders.html", context)


def plan_page(admin: Any, request: HttpRequest, asked: Order) -> HttpResponse:
    """Which charge points, the order's own form, why and how long; then the plan's page."""
    data = request.POST if request.method == "POST" else None
    given = {name: request.GET[name] for name in SelectionForm.base_fields if name in request.GET}
    to, how = SelectionForm(data, request.user, given), HowForm(data, prefix="how")
    form = asked.form(data)
    parts = [dressed(each) for each in (to, form, how)]
    valid = [each.is_valid() for each in parts]
    error: DomainError | None = None
    if all(valid):
        try:
            bulk = _planned(request, asked, form, how, to)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _t("Planned. Look at it once more, then confirm."))
            return HttpResponseRedirect(object_url(bulk))
    context = {
        **admin.admin_site.each_context(request),
        **_words(asked),
        "opts": admin.opts,
        "form": form,
        "how": how,
        "to": to,
        "error": error,
        "faults": faults_placed(error, to, form, how),
    }
    return TemplateResponse(request, "admin/order.html", context, status=error.status if error else 200)


def _words(asked: Order) -> dict[str, Any]:
    return {
        "title": f"{asked.label}: {_t('for many')}",
        "original": _t("For many charge points"),
        "action": asked,
        "submit": _t("Plan it"),
        "back": reverse("admin:central_bulkcommand_add"),
    }


def _planned(
    request: HttpRequest, asked: Order, form: forms.Form, how: forms.Form, to: SelectionForm
) -> BulkCommand:
    user: Any = request.user
    values, chosen = form.cleaned_data, how.cleaned_data
    return bulk_order_plan(
        requested_by=user,
        order=asked.name,
        params={name: plain(value) for name, value in values.items() if value not in (None, "", [])},
        selection=to.selection(),
        reason=chosen["reason"],
        ttl=timedelta(minutes=chosen["valid_minutes"]),
        attempts=chosen["attempts"],
        now=timezone.now(),
    )
