"""Addresses of OCPI's own REST, below /api/; each answers with and without its last slash."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from ocpi.api.bootstrap_tokens import BootstrapTokenViewSet
from ocpi.api.health import OcpiHealthView

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("bootstrap-tokens", BootstrapTokenViewSet, basename="bootstrap-token")
urlpatterns = [re_path(r"^ocpi/health/?$", OcpiHealthView.as_view(), name="ocpi-health"), *router.urls]
