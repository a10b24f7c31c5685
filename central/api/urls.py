"""URL table of Central's REST, below /api/; each address answers with and without its last slash."""

from rest_framework.routers import SimpleRouter

from central.api.charge_points import ChargePointViewSet
from central.api.commands import CommandViewSet
from central.api.sessions import SessionViewSet

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("charge-points", ChargePointViewSet, basename="charge-point")
router.register("sessions", SessionViewSet, basename="session")
router.register("commands", CommandViewSet, basename="command")
urlpatterns = router.urls
