"""REST permissions by the one table of rights."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.rights import Right, may


class RightPermission(BasePermission):
    """Reading needs the view's `see_right`, everything else its `write_right`; without one: nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True where the caller's role has the right."""
        name = "see_right" if request.method in SAFE_METHODS else "write_right"
        right: Right | None = getattr(view, name, None)
        return right is not None and may(request.user, right)
