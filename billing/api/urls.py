"""Addresses of billing's REST, below /api/."""

from rest_framework.routers import SimpleRouter

from billing.api.cdrs import CdrViewSet
from billing.api.tariffs import TariffViewSet

router = SimpleRouter(trailing_slash=False)
router.register("tariffs", TariffViewSet, basename="tariff")
router.register("cdrs", CdrViewSet, basename="cdr")
urlpatterns = router.urls
