"""Charge points: the list an operator on duty lives in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.charge_point_actions import ACTIONS
from central.admin.charge_point_orders import OrdersAdmin
from central.admin.charge_point_story import charge_point_story
from central.admin.connecting import connect_form_page, connect_view
from central.admin.filters import (
    FirmwareFilter,
    GroupFilter,
    ModelFilter,
    MonitorFilter,
    ProtocolFilter,
    StateFilter,
)
from central.admin.imports import CHARGE_POINTS
from central.admin.security_actions import SECURITY_ACTIONS
from central.admin.security_page import SecurityPage
from central.admin.words import connector_badge, state_badge
from central.selectors.overview import OFFLINE, for_display, power_now, with_state
from emobility.lib.display import age, badge, badges, kw
from registry.admin.filters import OrganizationFilter, SiteFilter
from registry.admin.importing import ImportingAdmin
from registry.models import ChargePoint
from registry.rights import Right, may

MOST_CONNECTORS = 6


class ChargePointForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people set of a charge point: where it stands."""

    class Meta:
        model = ChargePoint
        fields = ("site", "location")


@admin.register(ChargePoint)
class ChargePointAdmin(ImportingAdmin, SecurityPage, OrdersAdmin):
    """Charge points with their live state; one that cannot enrol itself is connected by hand (add)."""

    importing = CHARGE_POINTS
    form = ChargePointForm
    fields = ("site", "location")
    object_actions = (*ACTIONS, *SECURITY_ACTIONS)
    story_template = "admin/charge_point.html"
    change_list_template = "admin/charge_points.html"
    list_live_topics = "charge_points"
    list_display = (
        "cp_id",
        "site",
        "state_now",
        "plugs",
        "power",
        "last_seen",
        "type_name",
        "firmware",
        "protocol",
        "profile",
    )
    list_filter = (
        StateFilter,
        SiteFilter,
        GroupFilter,
        ModelFilter,
        FirmwareFilter,
        ProtocolFilter,
        MonitorFilter,
        OrganizationFilter,
    )
    search_fields = (
        "cp_id",
        "location",
        "live__serial_number",
        "live__vendor",
        "live__model",
        "site__name",
        "site__city",
    )
    ordering = ("cp_id",)
    list_fullwidth = True
    empty_text = _(
        "Connect a charger: you get what to type into it. Or issue an enrolment token, with which charge"
        " points register themselves."
    )
    empty_link = reverse_lazy("admin:registry_chargepoint_add")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who may enrol."""
        return may(request.user, Right.ENROL)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Connect a charger: the form, then what to type into it."""
        asked = {name: request.GET[name] for name in ("cp_id", "version") if name in request.GET}
        return connect_form_page(self, request, asked)

    def get_urls(self) -> list[Any]:
        """With the page that shows how far it is."""

        def connect(request: HttpRequest, object_id: str) -> HttpResponse:
            return connect_view(self, request, object_id)

        view = self.admin_site.admin_view(connect)
        return [
            path("<path:object_id>/connect/", view, name="registry_chargepoint_connect"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With state and everything that a row shows."""
        return for_display(with_state(super().get_queryset(request))).select_related("local_list")

    @display(description=_("state"), ordering="state")
    def state_now(self, charge_point: Any) -> SafeString:
        """One coloured word with its age, and the monitor's report where it has one to make."""
        now = timezone.now()
        shown = state_badge(charge_point, now)
        live = getattr(charge_point, "live", None)
        if live is None or live.monitor_state != "FAULT":
            return shown
        return badges([shown, badge(_("Engine fault"), "bad", live.monitor_at, now)])

    @display(description=_("connectors"))
    def plugs(self, charge_point: Any) -> Any:
        """The state of each connector."""
        now, online = timezone.now(), charge_point.state != OFFLINE
        shown = list(charge_point.connectors.all())
        marks = [connector_badge(plug, now, online=online) for plug in shown[:MOST_CONNECTORS]]
        if len(shown) > MOST_CONNECTORS:
            marks.append(badge(f"+{len(shown) - MOST_CONNECTORS}", "mute"))
        return badges(marks) if marks else ""

    @display(description=_("power now"))
    def power(self, charge_point: Any) -> str:
        """What flows at this moment."""
        return kw(power_now(charge_point))

    @display(description=_("last seen"), ordering="live__last_seen")
    def last_seen(self, charge_point: Any) -> Any:
        """How fresh all this is."""
        live = getattr(charge_point, "live", None)
        return age(live.last_seen, timezone.now()) if live else ""

    @display(description=_("model"), ordering="live__model")
    def type_name(self, charge_point: Any) -> str:
        """Vendor and model as reported."""
        live = getattr(charge_point, "live", None)
        return f"{live.vendor} {live.model}".strip() if live else ""

    @display(description=_("firmware"), ordering="live__firmware_version")
    def firmware(self, charge_point: Any) -> str:
        """Firmware as reported."""
        live = getattr(charge_point, "live", None)
        return live.firmware_version if live else ""

    @display(description=_("OCPP"), ordering="live__ocpp_version")
    def protocol(self, charge_point: Any) -> str:
        """OCPP version of the last connection."""
        live = getattr(charge_point, "live", None)
        return live.ocpp_version if live else ""

    @display(description=_("profile"), ordering="security_profile")
    def profile(self, charge_point: Any) -> str:
        """The security profile that it must at least use."""
        return str(charge_point.security_profile)

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What it is, how it is, what happened, what can be done."""
        return charge_point_story(request, obj, timezone.now())
