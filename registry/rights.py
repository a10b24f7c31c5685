"""Rights of people by role: the one table behind the admin, the REST resources and the live page."""

from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.models.user import Role


class Right(Enum):
    """What a person may be allowed to do, with the words a refusal uses."""

    SEE = "see"
    INSPECT = "inspect"
    OPERATE = "operate"
    ENROL = "enrol"
    AUDIT = "audit"
    MANAGE = "manage"
    PLATFORM = "platform"
    INTEGRATE = "integrate"

    @property
    def label(self) -> str:
        """The right in words."""
        return str(LABELS[self])


LABELS = {
    Right.SEE: _("see sites, charge points and sessions"),
    Right.INSPECT: _("see tags, commands, messages, events and partners"),
    Right.OPERATE: _("start, stop, cancel, and block tags"),
    Right.ENROL: _("enrol, place and deregister charge points"),
    Right.AUDIT: _("read the audit trail"),
    Right.MANAGE: _("manage users, tariffs, partners and the organisation"),
    Right.PLATFORM: _("manage the platform's organisations"),
    Right.INTEGRATE: _("send orders and messages from other systems (/api/internal)"),
}
TABLE: dict[str, frozenset[Right]] = {
    Role.PARTNER: frozenset({Right.SEE}),
    Role.VIEWER: frozenset({Right.SEE, Right.INSPECT}),
    Role.MAINTENANCE: frozenset({Right.SEE, Right.INSPECT}),
    Role.OPERATOR: frozenset({Right.SEE, Right.INSPECT, Right.OPERATE, Right.ENROL, Right.AUDIT}),
    Role.ADMIN: frozenset(Right) - {Right.PLATFORM, Right.INTEGRATE},
    Role.SERVICE: frozenset({Right.SEE, Right.INSPECT, Right.OPERATE, Right.ENROL, Right.INTEGRATE}),
}


def granted(role: str) -> frozenset[Right]:
    """The rights of a role; none for a role that is not known."""
    return TABLE.get(role, frozenset())


def may(actor: Any, right: Right) -> bool:
    """True where the actor's role gives `right` and its scopes, where it has such, do not take it away.

    The platform's administrators have every right.
    """
    if actor is None or not getattr(actor, "is_active", False):
        return False
    if getattr(actor, "sees_all", False):
        return True
    if getattr(actor, "organization_id", None) is None:
        return False
    scopes = getattr(actor, "scopes_held", None)
    if scopes is not None and right.value not in scopes:
        return False
    return right in granted(getattr(actor, "role", ""))
