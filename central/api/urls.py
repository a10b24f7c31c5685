"""URL table of Central's REST, below /api/; each address answers with and without its last slash."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from central.api.charge_points import ChargePointViewSet
from central.api.commands import CommandViewSet
from central.api.ocpp_control import CONTROLS
from central.api.orders import OrderViewSet
from central.api.records import RECORDS
from central.api.sessions import SessionViewSet
from emobility.lib.discovery import import_all

import_all("central.api.resources")
router = SimpleRouter()
router.trailing_slash = "/?"
router.register("charge-points", ChargePointViewSet, basename="charge-point")
router.register("sessions", SessionViewSet, basename="session")
router.register("commands", CommandViewSet, basename="command")
router.register("orders", OrderViewSet, basename="order")
for path, viewset in sorted(RECORDS.items()):
    router.register(path, viewset, basename=path)
urlpatterns = [
    *router.urls,
    *(re_path(f"^{path}/?$", view.as_view(), name=path.replace("/", "-")) for path, view in CONTROLS.items()),
]
