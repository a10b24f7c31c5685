"""URL table of Central's REST, below /api/; each address answers with and without its last slash."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from central.api.charge_points import ChargePointSessionsViewSet, ChargePointViewSet
from central.api.commands import CommandViewSet
from central.api.id_token_imports import IdTokenImportView
from central.api.logs import LogExportView, LogListView, LogSummaryView
from central.api.ocpp_control import CONTROLS
from central.api.orders import OrderViewSet
from central.api.records import RECORDS
from central.api.sessions import SessionViewSet
from central.api.statistics import StatisticsView
from emobility.lib.discovery import import_all
from registry.api.paths import both

import_all("central.api.resources")
router = SimpleRouter()
router.trailing_slash = "/?"
router.register("charge-points", ChargePointViewSet, basename="charge-point")
router.register("chargers", ChargePointViewSet, basename="charger")
router.register("sessions", SessionViewSet, basename="session")
router.register("commands", CommandViewSet, basename="command")
router.register("orders", OrderViewSet, basename="order")
for path, viewset in sorted(RECORDS.items()):
    router.register(path, viewset, basename=path)
of_charge_point = ChargePointSessionsViewSet.as_view({"get": "list"})
urlpatterns = [
    re_path(r"^charge-points/(?P<cp_id>[^/]+)/sessions/?$", of_charge_point, name="charge-point-sessions"),
    re_path(r"^chargers/(?P<cp_id>[^/]+)/sessions/?$", of_charge_point, name="charger-sessions"),
    re_path(r"^logs/?$", LogListView.as_view(), name="logs"),
    re_path(r"^logs/summary/?$", LogSummaryView.as_view(), name="logs-summary"),
    re_path(r"^logs/export/?$", LogExportView.as_view(), name="logs-export"),
    re_path(r"^statistics/?$", StatisticsView.as_view(), name="statistics"),
    *both("imports/id-tokens", IdTokenImportView),
    *router.urls,
    *(re_path(f"^{path}/?$", view.as_view(), name=path.replace("/", "-")) for path, view in CONTROLS.items()),
]
