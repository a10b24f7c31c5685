"""URL table of webhooks and the event log, below /api/."""

from rest_framework.routers import SimpleRouter

from registry.api.webhooks import EventViewSet, WebhookDeliveryViewSet, WebhookViewSet

router = SimpleRouter(use_regex_path=True)
router.trailing_slash = "/?"
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("webhook-deliveries", WebhookDeliveryViewSet, basename="webhook-delivery")
router.register("events", EventViewSet, basename="event")
urlpatterns = router.urls
