"""URL table of what organisations and their machine clients need, below /api/."""

from django.conf import settings
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from registry.api.charge_point_imports import ChargePointImportView
from registry.api.organizations import OrganizationViewSet, UserViewSet
from registry.api.paths import both
from registry.api.service_accounts import ServiceAccountViewSet
from registry.api.whoami import WhoamiView

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("organizations", OrganizationViewSet, basename="organization")
router.register("users", UserViewSet, basename="user")
router.register("service-accounts", ServiceAccountViewSet, basename="service-account")

OAUTH2 = [path("oauth2/", include("registry.api.oauth2"))] if settings.OAUTH2_ENABLED else []

urlpatterns = [
    *both("internal/whoami", WhoamiView),
    *both("imports/charge-points", ChargePointImportView),
    *router.urls,
    *OAUTH2,
]
