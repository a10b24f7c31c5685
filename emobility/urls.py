"""URL table of Central's face: admin, REST, OCPI, health."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from central.api.health import HealthView
from central.api.records import RECORDS
from central.api.root import RootView
from registry.api.metrics import MetricsView
from registry.api.not_found import not_found
from registry.api.paths import both
from registry.api.probes import AliveView, ReadyView
from registry.api.status import StatusView
from registry.pages.invitation import InvitationView

CENTRAL = include("central.api.urls")  # which registers its resources
RESOURCES = {
    **{
        name: f"{name.removesuffix('s')}-list"
        for name in (
            "chargers",
            "charge-points",
            "sessions",
            "commands",
            "orders",
            "tariffs",
            "cdrs",
            "webhooks",
            "events",
            "service-accounts",
            "bootstrap-tokens",
            "organizations",
            "users",
        )
    },
    **{name: f"{name}-list" for name in sorted(RECORDS)},
    "statistics": "statistics",
    "logs": "logs",
}

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/invitation/<uidb64>/<token>/", InvitationView.as_view(), name="invitation"),
    path("admin/", admin.site.urls),
    path("ocpi/", include("ocpi.api.urls")),
    *both("health", HealthView),
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
    path("api/", CENTRAL),
    path("api/", include("billing.api.urls")),
    path("api/", include("ocpi.api.rest_urls")),
    re_path("^api/", not_found),
    path("files/", include("central.api.file_urls")),
    path("", include("emobility.api_docs")),
    path("", include("central.api.enrolment_urls")),
]
