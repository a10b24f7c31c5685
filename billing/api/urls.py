"""Addresses of billing's REST, below /api/; each answers with and without its last slash."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from billing.api.assignments import AssignmentViewSet
from billing.api.cdr_corrections import CdrViewSet
from billing.api.prices import PriceView
from billing.api.reviews import ReviewViewSet
from billing.api.tariff_answers import TariffAnswerView
from billing.api.tariff_files import TariffExportView, TariffImportView
from billing.api.tariffs import TariffViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("tariffs", TariffViewSet, basename="tariff")
router.register("tariff-assignments", AssignmentViewSet, basename="tariff-assignment")
router.register("cdrs", CdrViewSet, basename="cdr")
router.register("reviews", ReviewViewSet, basename="review")
urlpatterns = [
    re_path(r"^tariffs/price/?$", PriceView.as_view(), name="tariff-price"),
    re_path(r"^tariffs/applicable/?$", TariffAnswerView.as_view(), name="tariff-applicable"),
    re_path(r"^tariffs/import/?$", TariffImportView.as_view(), name="tariff-import"),
    re_path(r"^tariffs/(?P<pk>[0-9]{1,18})/ocpi/?$", TariffExportView.as_view(), name="tariff-ocpi"),
    *router.urls,
]
