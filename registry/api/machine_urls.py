"""URL table of what machine clients need, below /api/."""

from registry.api.paths import both
from registry.api.whoami import WhoamiView

urlpatterns = [*both("internal/whoami", WhoamiView)]
