"""The page of a table that shows its rows on a map, at `map/`, with a button for it on the list."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from emobility.lib.display import badge, link
from emobility.lib.maps import Spot, View, drawn, fitted, moved, view_of

MOST: Final = 20_000
"""Places that are read for a map; a search narrows them."""
LISTED: Final = 25
COLUMNS: Final = (_("Place"), _("Town"), _("State"))


class MapAdmin:
    """A table with a map of its rows; `spots` says where they are."""

    actions_list: Any = ("map_page",)
    map_title: Any = _("Map")

    def spots(self, request: HttpRequest, rows: Any) -> list[Spot]:
        """Where the rows of a search are."""
        raise NotImplementedError

    def has_map_permission(self, request: HttpRequest) -> bool:
        """Those who see the list."""
        admin: Any = self
        allowed: bool = admin.has_view_permission(request)
        return allowed

    @action(description=_("Map"), url_path="map", permissions=["map"])
    def map_page(self, request: HttpRequest) -> HttpResponse:
        """What a search finds, on a map and as a list."""
        admin: Any = self
        if not self.has_map_permission(request):
            raise PermissionDenied
        text = request.GET.get("q", "").strip()[:100]
        rows, _twice = admin.get_search_results(request, admin.get_queryset(request), text)
        spots = self.spots(request, rows.order_by("pk"))
        view = _asked(request.GET) or fitted(spots)
        picture = drawn(spots, view, settings.MAP_TILE_URL)
        context = {
            **admin.admin_site.each_context(request),
            "title": self.map_title,
            "opts": admin.opts,
            "map": picture,
            "q": text,
            "ways": _ways(view),
            "attribution": settings.MAP_ATTRIBUTION if settings.MAP_TILE_URL else "",
            "card": _listed(picture["in_view"], len(spots)),
            "back": reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/map.html", context)


def _asked(query: Mapping[str, Any]) -> View | None:
    """The view that the address names; None where it names none, or nonsense."""
    try:
        latitude, longitude, zoom = float(query["lat"]), float(query["lon"]), int(query["z"])
    except (KeyError, ValueError):
        return None
    return view_of(latitude, longitude, zoom) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _ways(view: View) -> list[tuple[str, Any, str]]:
    """Where one can go from here: a sign, what it does, the view."""
    return [
        ("add", _("Nearer"), moved(view, nearer=1).query),
        ("remove", _("Further"), moved(view, nearer=-1).query),
        ("arrow_back", _("West"), moved(view, right=-0.5).query),
        ("arrow_forward", _("East"), moved(view, right=0.5).query),
        ("arrow_upward", _("North"), moved(view, down=-0.5).query),
        ("arrow_downward", _("South"), moved(view, down=0.5).query),
        ("fit_screen", _("All"), ""),
    ]


def _listed(shown: list[Spot], found: int) -> dict[str, Any]:
    rows = [
        [
            (COLUMNS[0], link(spot.url, spot.name)),
            (COLUMNS[1], spot.town),
            (COLUMNS[2], badge(spot.note, spot.tone)),
        ]
        for spot in sorted(shown, key=lambda spot: spot.name)[:LISTED]
    ]
    words = _("{count} of {all} in view").format(count=len(shown), all=found)
    if found >= MOST:
        words = _("{words}; there are more, search for fewer").format(words=words)
    return {
        "key": "places",
        "title": _("Places in view"),
        "state": badge(words, "mute"),
        "columns": COLUMNS,
        "rows": rows,
        "empty": _("Nothing here. Look at all, or search for something else."),
    }
