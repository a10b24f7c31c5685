"""URL table of the Registry's REST."""

from django.urls import path, re_path

from registry.api.authenticate import AuthenticateView
from registry.api.docs import SchemaView, SwaggerView
from registry.api.health import HealthView
from registry.api.not_found import not_found
from registry.api.paths import both
from registry.api.probes import AliveView, ReadyView
from registry.api.registrations import ChargePointListView, ChargePointView, RegisterView

urlpatterns = [
    path("", HealthView.as_view()),
    *both("health", HealthView),
    path("healthz", AliveView.as_view(schema=None)),
    path("readyz", ReadyView.as_view(schema=None)),
    *both("docs", SwaggerView),
    path("openapi.json", SchemaView.as_view(), name="registry-schema"),
    *both("cp/register", RegisterView),
    *both("cp/authenticate", AuthenticateView),
    *both("cp", ChargePointListView),
    *both("cp/<str:cp_id>", ChargePointView),
    re_path(r"", not_found),
]
