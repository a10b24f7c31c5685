"""URL table of Central's face: admin, REST, OCPI, health."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from central.api.health import HealthView
from central.api.root import RootView
from registry.api.metrics import MetricsView
from registry.api.paths import both
from registry.api.probes import AliveView, ReadyView
from registry.api.status import StatusView

RESOURCES = {
    name: f"{name.removesuffix('s')}-list"
    for name in ("charge-points", "sessions", "commands", "orders", "tariffs", "cdrs", "webhooks", "events")
}

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("ocpi/", include("ocpi.api.urls")),
    path("healthz", AliveView.as_view()),
    path("readyz", ReadyView.as_view()),
    path("metrics", MetricsView.as_view(schema=None)),
    *both("api/metrics", MetricsView),
    *both("api/status", StatusView),
    path("api/health", HealthView.as_view(), name="api-health"),
    path("api/", RootView.as_view(resources=RESOURCES), name="api-root"),
    path("api/", include("registry.api.access_token_urls")),
    path("api/", include("registry.api.machine_urls")),
    path("api/", include("registry.api.webhook_urls")),
    path("api/", include("central.api.internal_urls")),
    path("api/", include("registry.api.export_urls")),
    path("api/", include("central.api.urls")),
    path("api/", include("billing.api.urls")),
    path("files/", include("central.api.file_urls")),
    path("", include("emobility.api_docs")),
    path("", include("central.api.enrolment_urls")),
]
