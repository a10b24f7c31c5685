"""URL table of the Registry's REST; each path also with a trailing slash, without redirects."""

from django.urls import re_path

from registry.api.authenticate import AuthenticateView
from registry.api.docs import SchemaView, SwaggerView
from registry.api.health import HealthView
from registry.api.not_found import not_found
from registry.api.registrations import ChargePointListView, ChargePointView, RegisterView

urlpatterns = [
    re_path(r"^$", HealthView.as_view()),
    re_path(r"^health/?$", HealthView.as_view()),
    re_path(r"^docs/?$", SwaggerView.as_view(), name="registry-docs"),
    re_path(r"^openapi\.json$", SchemaView.as_view(), name="registry-schema"),
    re_path(r"^cp/register/?$", RegisterView.as_view()),
    re_path(r"^cp/authenticate/?$", AuthenticateView.as_view()),
    re_path(r"^cp/?$", ChargePointListView.as_view()),
    re_path(r"^cp/(?P<cp_id>[^/]+)/?$", ChargePointView.as_view()),
    re_path(r"", not_found),
]
