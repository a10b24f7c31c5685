"""Who may read billing's resources: by the role's rights, as on the pages."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.rights import Right, may


class MayRead(BasePermission):
    """True where the caller's role has the view's `see_right`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Asks the one table of rights."""
        return may(request.user, getattr(view, "see_right", Right.SEE))
