"""Addresses of billing's REST, below /api/; each answers with and without its last slash."""

from rest_framework.routers import SimpleRouter

from billing.api.cdrs import CdrViewSet
from billing.api.tariffs import TariffViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("tariffs", TariffViewSet, basename="tariff")
router.register("cdrs", CdrViewSet, basename="cdr")
urlpatterns = router.urls
