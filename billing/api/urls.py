"""Addresses of billing's REST, below /api/; each answers with and without its last slash."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from billing.api.cdrs import CdrViewSet
from billing.api.prices import PriceView
from billing.api.tariffs import TariffViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("tariffs", TariffViewSet, basename="tariff")
router.register("cdrs", CdrViewSet, basename="cdr")
urlpatterns = [re_path(r"^tariffs/price/?$", PriceView.as_view(), name="tariff-price"), *router.urls]
