"""URL table of access tokens and tickets, below /api/."""

from registry.api.access_tokens import ObtainView, RefreshView, RevokeView
from registry.api.paths import both
from registry.api.tickets import TicketView

urlpatterns = [
    *both("token", ObtainView),
    *both("token/refresh", RefreshView),
    *both("tickets", TicketView),
    *both("token/revoke", RevokeView),
]
