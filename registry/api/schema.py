"""How operations are described: besides what each says itself, every refusal that it can give, and a tag."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AllowAny

from registry.api.base import FaultSerializer

UNSAFE: Final = {"POST", "PUT", "PATCH", "DELETE"}
WORDS: Final = {
    "400": "A value is wrong: `fields` names it.",
    "401": "Nobody is logged in, or the token is not valid.",
    "403": "Your role does not allow this.",
    "404": "There is no such thing, or it belongs to others.",
    "409": "Its state does not allow this now, or another came first.",
    "415": "The body is of a form that is not taken; send JSON.",
    "429": "Too often: `Retry-After` tells after how many seconds it may go on.",
}
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "400": {
        "code": "invalid",
        "detail": "Some values are wrong.",
        "fields": {"limit": ["Enter a whole number of at least 1."]},
    },
    "401": {"code": "not_authenticated", "detail": "Authentication credentials were not provided."},
    "403": {"code": "permission_denied", "detail": "You do not have permission to perform this action."},
    "404": {"code": "not_found", "detail": "No such charge point."},
    "409": {"code": "conflict", "detail": "This charge point is not connected."},
    "415": {
        "code": "unsupported_media_type",
        "detail": 'Unsupported media type "text/plain" in request.',
    },
    "429": {"code": "throttled", "detail": "Request was throttled. Expected available in 12 seconds."},
}


class DocumentedSchema(AutoSchema):
    """An operation with all of its refusals in the one form of `FaultSerializer`."""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """What the operation says itself, and the refusals that its view can give."""
        bodies = super()._get_response_bodies(direction=direction)
        for status in self._refusals():
            bodies.setdefault(status, self._fault(status))
        for status, body in bodies.items():
            if status in WORDS and body.get("description") in {"", None}:
                body["description"] = WORDS[status]
        return dict(sorted(bodies.items()))

    def _refusals(self) -> list[str]:
        """The statuses by what the view is."""
        found: list[str] = []
        unsafe = self.method in UNSAFE
        if AllowAny not in self.view.permission_classes:
            # Whoever shows wrong tokens or keys again and again has to wait, wherever that is.
            found += ["401", "403", "429"]
        if unsafe or self._get_parameters():
            found.append("400")
        if "{" in self.path:
            found.append("404")
        if unsafe:
            found += ["409", "415"] if self.method != "DELETE" else ["409"]
        if self.view.get_throttles():
            found.append("429")
        return found

    def _fault(self, status: str) -> dict[str, Any]:
        schema = self.resolve_serializer(FaultSerializer, "response").ref
        content = {"application/json": {"schema": schema, "example": FAULTS[status]}}
        return {"content": content, "description": WORDS[status]}
