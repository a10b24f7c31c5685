"""REST permissions by the one table of rights."""

from typing import Any, Final

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.rights import Right, Verb, may, needed

VERBS: Final = {
    "create": Verb.ADD,
    "update": Verb.CHANGE,
    "partial_update": Verb.CHANGE,
    "destroy": Verb.DELETE,
}


class RightPermission(BasePermission):
    """Lets in whom the table lets: by the view's model (or its `thing`), and the verb of the request.

    A view may ask for more (`see_right`, `write_right`), and an action that is no plain verb on a row names
    its right itself. Without any right asked for: nobody.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True where the caller has all the rights that are asked for."""
        rights = rights_needed(str(request.method), view)
        return bool(rights) and all(may(request.user, right) for right in rights)


def rights_needed(method: str, view: Any) -> frozenset[Right]:
    """The rights that a request asks for; none where nobody may."""
    thing = thing_of(view)
    if method in SAFE_METHODS:
        return _known(needed(thing, Verb.SEE), getattr(view, "see_right", None))
    own: Right | None = getattr(view, "write_right", None)
    verb = VERBS.get(getattr(view, "action", None) or "")
    return _known(needed(thing, verb), own) if verb else _known(own or needed(thing, Verb.ACT))


def _known(*rights: Right | None) -> frozenset[Right]:
    return frozenset(right for right in rights if right is not None)


def thing_of(view: Any) -> str:
    """The kind of object that a view is about, as the table names it."""
    model = getattr(getattr(view, "queryset", None), "model", None)
    return getattr(view, "thing", "") or (model._meta.label_lower if model else "")  # noqa: SLF001 -- Django's documented name
