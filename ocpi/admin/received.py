"""What partners sent us: sessions of our drivers, their locations and tariffs, word for word."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, link, moment, pretty
from emobility.lib.maps import Spot, view_of
from ocpi.admin.session_wishes import ACTIONS, wishes_card, wishes_of
from ocpi.models import ReceivedLocation, ReceivedSession, ReceivedTariff
from registry.admin.actions import object_url
from registry.admin.mapping import MOST, MapAdmin
from registry.admin.story import HistoryStoryAdmin

ZOOM = 14
ON_MAP = (
    "name",
    "object_id",
    "city",
    "country_code",
    "party_id",
    "latitude",
    "longitude",
    "free_count",
    "evse_count",
)


def _amount(cost: Any) -> Any:
    """The total of a price: a number (2.1.1), VAT as a second price (2.2.1), or taxes apart (2.3.0)."""
    if not isinstance(cost, dict):
        return "" if cost is None else cost
    if "before_taxes" in cost:
        taxes = [tax.get("amount", 0) for tax in cost.get("taxes") or []]
        return round(sum(taxes, cost["before_taxes"]), 4)
    return cost.get("incl_vat", cost.get("excl_vat", ""))


class ReceivedAdmin(HistoryStoryAdmin):
    """Objects of partners, newest first."""

    paginator = InfinitePaginator
    list_display: Any = ("object_id", "owner", "partner", "energy", "total", "received")
    list_select_related: Any = ("partner", "organization")
    search_fields: Any = ("object_key", "party_id", "partner__name")
    ordering = ("-id",)

    @display(description=_("owner"))
    def owner(self, row: Any) -> str:
        """Whose charge point it was."""
        return f"{row.country_code}-{row.party_id}"

    @display(description=_("energy"))
    def energy(self, row: Any) -> str:
        """kWh as the partner gave them."""
        value = row.payload.get("total_energy", row.payload.get("kwh"))
        return "" if value is None else f"{value} kWh"

    @display(description=_("total"))
    def total(self, row: Any) -> str:
        """The price as the partner gave it, VAT included where it says so."""
        cost = row.payload.get("total_cost")
        amount = _amount(cost)
        if amount == "":
            return ""
        return f"{amount} {row.payload.get('currency', '')}".strip()

    @display(description=_("received"), ordering="received_at")
    def received(self, row: Any) -> Any:
        """When it came."""
        return moment(row.received_at, row.organization.time_zone, seconds=True)

    def own_facts(self, obj: Any) -> list[tuple[Any, Any]]:
        """What stands above the object."""
        return [(_("Energy"), self.energy(obj)), (_("Total"), self.total(obj))]

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The object."""
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Owner"), self.owner(obj)),
            *self.own_facts(obj),
            (_("Received"), self.received(obj)),
            (_("OCPI version"), obj.version),
        ]
        return {
            "cards": [{"key": "facts", "facts": facts}, {"title": _("Object"), "body": pretty(obj.payload)}]
        }


@admin.register(ReceivedSession)
class ReceivedSessionAdmin(ReceivedAdmin):
    """Sessions of our drivers at partners' charge points."""

    object_actions = ACTIONS
    list_display: Any = ("object_id", "owner", "partner", "status", "energy", "total", "received")

    @display(description=_("state"))
    def status(self, row: ReceivedSession) -> Any:
        """As the partner told it."""
        word = str(row.payload.get("status") or "")
        return badge(word, "busy" if word == "ACTIVE" else "mute") if word else ""

    def story(self, request: HttpRequest, obj: ReceivedSession) -> dict[str, Any]:
        """With what was asked of the operator for it."""
        told, wishes = super().story(request, obj), wishes_of(obj)
        if wishes:
            told["cards"].insert(1, wishes_card(obj, wishes, timezone.now()))
        polling = any(row.waits for row in wishes)
        return {**told, "state_badge": self.status(obj), "polling": polling}


def _spot(row: ReceivedLocation) -> Spot:
    """Green where an EVSE is free, orange where none is."""
    note = _("{free} of {all} free").format(free=row.free_count, all=row.evse_count)
    owner = f"{row.country_code}-{row.party_id}"
    return Spot(
        row.latitude or 0.0,
        row.longitude or 0.0,
        row.name or row.object_id,
        row.city,
        object_url(row),
        "good" if row.free_count else "warn",
        f"{owner} · {note}",
    )


def _map_link(row: ReceivedLocation) -> Any:
    if row.latitude is None or row.longitude is None:
        return _("It tells no coordinates")
    view = view_of(row.latitude, row.longitude, ZOOM)
    return link(f"{reverse('admin:ocpi_receivedlocation_map_page')}?{view.query}", _("show"))


@admin.register(ReceivedLocation)
class ReceivedLocationAdmin(MapAdmin, ReceivedAdmin):
    """Where our drivers can charge at partners."""

    map_title = _("Partners' locations")

    list_display = ("place", "address_line", "owner", "partner", "free", "received")
    search_fields = ("object_key", "name", "address", "city", "party_id", "partner__name")
    list_filter = ("country", "is_public")
    empty_text = _("Operators send them when they are registered, or they are pulled.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    @display(description=_("location"), ordering="name")
    def place(self, row: ReceivedLocation) -> str:
        """Its name, or its id."""
        return row.name or row.object_id

    @display(description=_("address"), ordering="city")
    def address_line(self, row: ReceivedLocation) -> str:
        """The address on one line."""
        return ", ".join(part for part in (row.address, row.city, row.country) if part)

    @display(description=_("EVSEs"))
    def free(self, row: ReceivedLocation) -> Any:
        """How many are free, of how many; removed locations say so."""
        if row.removed_at:
            return _("removed")
        return _("{free} of {all} free").format(free=row.free_count, all=row.evse_count)

    def spots(self, request: HttpRequest, rows: Any) -> list[Spot]:
        """Those that are still there and say where."""
        known = rows.filter(removed_at=None, latitude__isnull=False, longitude__isnull=False)
        return [_spot(row) for row in known.only(*ON_MAP)[:MOST]]

    def own_facts(self, obj: Any) -> list[tuple[Any, Any]]:
        """Name, address, state."""
        shown = _("yes") if obj.is_public else _("no: private")
        return [
            (_("Location"), self.place(obj)),
            (_("Address"), self.address_line(obj)),
            (_("EVSEs"), self.free(obj)),
            (_("On the map"), _map_link(obj)),
            (_("May be shown"), shown),
        ]


@admin.register(ReceivedTariff)
class ReceivedTariffAdmin(ReceivedAdmin):
    """What partners ask for charging at their charge points."""

    list_display = ("object_id", "owner", "partner", "currency", "changed", "state")
    search_fields: Any = ("object_key", "party_id", "partner__name")
    empty_text = _("Operators send them when they are registered, or they are pulled.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    @display(description=_("changed"), ordering="last_updated")
    def changed(self, row: ReceivedTariff) -> Any:
        """Since when it is so."""
        return moment(row.last_updated, row.organization.time_zone)

    @display(description=_("state"))
    def state(self, row: ReceivedTariff) -> Any:
        """Whether it still holds."""
        return _("removed") if row.removed_at else _("in force")

    def own_facts(self, obj: Any) -> list[tuple[Any, Any]]:
        """State and versions."""
        return [
            (_("State"), self.state(obj)),
            (_("Changed"), self.changed(obj)),
            (_("Versions kept"), obj.versions.count()),
        ]
