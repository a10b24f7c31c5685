"""URL table of the access tokens, below /api/."""

from registry.api.access_tokens import ObtainView, RefreshView
from registry.api.paths import both

urlpatterns = [*both("token", ObtainView), *both("token/refresh", RefreshView)]
