"""Every order that a charge point's version can carry: listed by subject, each with a page of its own."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from central.admin.order_list import HowForm, grouped, matches
from central.ocpp.building import not_carried
from central.ocpp.intents import ORDERS, Order
from central.ocpp.order_values import plain
from central.ocpp.ordering import order_form, order_place
from central.ocpp.sketch import request_sketch
from central.selectors.overview import zone_of
from emobility.lib.errors import DomainError
from registry.admin.actions import faults_placed, object_url
from registry.admin.dress import dressed
from registry.admin.story import StoryAdmin
from registry.models import ChargePoint
from registry.rights import Right, may

FREQUENT: Final = ("reset", "unlock", "availability")
OWN_PAGES: Final = {"remote_start": "remote_start", "remote_stop": "remote_stop"}
"""Orders whose page is an action of the charge point (they know its tags and sessions)."""
MOST_CHOSEN: Final = 200
LIST = "registry_chargepoint_orders"
ONE = "registry_chargepoint_order"


class OrdersAdmin(StoryAdmin):
    """A charge point's page from which every order can be reached, and a list that leads to one for many."""

    actions = ("order_for_chosen",)

    def get_urls(self) -> list[Any]:
        """The list of orders, and a page for each."""
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/orders/", view(self.orders_view), name=LIST),
            path("<path:object_id>/orders/<slug:order>/", view(self.order_view), name=ONE),
            *super().get_urls(),
        ]

    def buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """The frequent orders and the way to all others among the actions."""
        found = super().buttons(request, obj)
        own = [each for each in found if each["action"].slug in {"remote-start", "remote-stop"}]
        rest = [each for each in found if each not in own]
        mine = [_button(ORDERS[name], obj) for name in FREQUENT if may(request.user, ORDERS[name].right)]
        more = [_more(obj)] if _carried(request, obj) else []
        return [*own, *mine, *more, *rest]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may order, for the actions of the list."""
        return may(request.user, Right.OPERATE)

    @action(description=_("Order for the chosen"), permissions=["operate"])
    def order_for_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """On to the choice of an order, with the chosen charge points filled in."""
        names = list(queryset.order_by("cp_id").values_list("cp_id", flat=True)[: MOST_CHOSEN + 1])
        if len(names) > MOST_CHOSEN:
            messages.error(request, _t("Too many to name: select them by site, group or model instead."))
            return None
        chosen = urlencode({"charge_points": ",".join(names)})
        return HttpResponseRedirect(f"{reverse('admin:central_bulkcommand_add')}?{chosen}")

    def orders_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What can be ordered here, by subject; `q` searches."""
        obj = self._point(request, object_id)
        wanted = request.GET.get("q", "").strip()
        shown = [each for each in _carried(request, obj) if matches(each, wanted)]
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Orders: {name}").format(name=obj),
            "opts": self.opts,
            "original": obj,
            "groups": grouped(shown, lambda each: _address(each, obj)),
            "wanted": wanted,
            "version": spoken(obj),
            "back": object_url(obj),
        }
        return TemplateResponse(request, "admin/orders.html", context)

    def order_view(self, request: HttpRequest, object_id: str, order: str) -> HttpResponse:
        """One order: its form, then the command."""
        obj, asked = self._point(request, object_id), ORDERS.get(order)
        if asked is None:
            raise Http404
        if not may(request.user, asked.right):
            raise PermissionDenied(_t("Your role may not order this."))
        if order in OWN_PAGES:
            return HttpResponseRedirect(
                reverse(f"admin:registry_chargepoint_{OWN_PAGES[order]}", args=[obj.pk])
            )
        with timezone.override(zone_of(obj)):
            return self._order(request, obj, asked)

    def _order(self, request: HttpRequest, obj: ChargePoint, asked: Order) -> HttpResponse:
        data = request.POST if request.method == "POST" else None
        form, how = dressed(order_form(asked, data, obj)), dressed(HowForm(data, prefix="how"))
        _sketch(request, obj, asked, form)
        error: DomainError | None = None
        if data is not None and form.is_valid() and how.is_valid() and not hindrance(asked, obj):
            try:
                _place(request, obj, asked, form.cleaned_data, how.cleaned_data)
            except DomainError as refused:
                error = refused
            else:
                messages.success(request, _ordered())
                return HttpResponseRedirect(object_url(obj))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{asked.label}: {obj}",
            "opts": self.opts,
            "original": obj,
            "action": asked,
            "form": form,
            "how": how,
            "error": error,
            "faults": faults_placed(error, form, how),
            "hindrance": hindrance(asked, obj),
            "back": reverse(f"admin:{LIST}", args=[obj.pk]),
            "sketches": asked.name == "raw",
        }
        return TemplateResponse(request, "admin/order.html", context, status=error.status if error else 200)

    def _point(self, request: HttpRequest, object_id: str) -> Any:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        return obj


def spoken(obj: Any) -> str:
    """The version that the charge point spoke last; '' where it never did."""
    return str(getattr(getattr(obj, "live", None), "ocpp_version", "") or "")


def hindrance(asked: Order, obj: Any) -> str:
    """Why it cannot be ordered now, or ''."""
    if not obj.is_registered:
        return _t("It is deregistered.")
    return not_carried(asked, spoken(obj))


def _carried(request: HttpRequest, obj: Any) -> list[Order]:
    version = spoken(obj)
    return [
        each
        for each in ORDERS.values()
        if may(request.user, each.right) and (not version or version in each.versions)
    ]


def _address(asked: Order, obj: Any) -> str:
    return reverse(f"admin:{ONE}", args=[obj.pk, asked.name])


def _button(asked: Order, obj: Any) -> dict[str, Any]:
    return {
        "action": asked,
        "url": _address(asked, obj),
        "at_once": False,
        "hindrance": hindrance(asked, obj),
    }


def _more(obj: Any) -> dict[str, Any]:
    action = {
        "icon": "more_horiz",
        "label": _t("More orders"),
        "explain": _t("Everything that it can be asked."),
    }
    return {
        "action": action,
        "url": reverse(f"admin:{LIST}", args=[obj.pk]),
        "at_once": False,
        "hindrance": "",
    }


def _sketch(request: HttpRequest, obj: Any, asked: Order, form: Any) -> None:
    """A raw request begins with the required fields of the chosen action."""
    action, version = request.GET.get("action", ""), spoken(obj)
    choices = dict(getattr(form.fields.get("action"), "choices", ()))
    if action and asked.name == "raw" and version and action in choices:
        form.initial = {"action": action, "payload": request_sketch(version, action)}


def _place(request: HttpRequest, obj: ChargePoint, asked: Order, values: Any, how: Any) -> None:
    user: Any = request.user
    params = {name: plain(value) for name, value in values.items() if value not in (None, "", [])}
    order_place(
        charge_point=obj,
        order=asked.name,
        params=params,
        requested_by=user,
        reason=how["reason"],
        source="admin",
        ttl=timedelta(minutes=how["valid_minutes"]),
        attempts=how["attempts"],
        now=timezone.now(),
    )


def _ordered() -> Any:
    below = _t("Ordered. The charge point's answer appears below.")
    return format_html('{} <a class="em-link" href="#card-commands">{}</a>', below, _t("Go to it"))
