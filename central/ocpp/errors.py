"""The one protocol error, and how each version spells its codes (1.6-J §4.2.3, 2.x part 4 §4.3)."""

from typing import Final

FORMAT: Final = "FormatViolation"
INTERNAL: Final = "InternalError"
NOT_IMPLEMENTED: Final = "NotImplemented"
NOT_SUPPORTED: Final = "NotSupported"
OCCURRENCE: Final = "OccurrenceConstraintViolation"
PROPERTY: Final = "PropertyConstraintViolation"
RPC_FRAMEWORK: Final = "RpcFrameworkError"
SECURITY: Final = "SecurityError"
TYPE: Final = "TypeConstraintViolation"
MESSAGE_TYPE: Final = "MessageTypeNotSupported"
GENERIC: Final = "GenericError"

DESCRIPTION_LIMIT: Final = 255

_SPELLED_1_6: Final = {
    FORMAT: "FormationViolation",
    OCCURRENCE: "OccurenceConstraintViolation",
    RPC_FRAMEWORK: "FormationViolation",
    MESSAGE_TYPE: "FormationViolation",
}
_READ_1_6: Final = {"FormationViolation": FORMAT, "OccurenceConstraintViolation": OCCURRENCE}


class OcppError(Exception):
    """A refusal that leaves as CALLERROR; `code` in the spelling of 2.x, text without any of the payload."""

    def __init__(self, code: str, description: str = "", field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description[:DESCRIPTION_LIMIT]
        self.field = field

    @property
    def details(self) -> dict[str, str]:
        """What leaves as errorDetails: a field name at most."""
        return {"field": self.field} if self.field else {}


def spelled(version: str, code: str) -> str:
    """The code as `version` writes it."""
    return _SPELLED_1_6.get(code, code) if version == "1.6" else code


def understood(code: str) -> str:
    """The code in the spelling of 2.x, whichever version wrote it."""
    return _READ_1_6.get(code, code)
