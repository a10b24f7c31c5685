"""Roles and sides: who stands opposite whom, which side of a module a role has, where it is to be found."""

from ocpi.core.versions import SPLIT_BY_ROLE
from ocpi.models import Partner
from ocpi.selectors.identity import Identity

COUNTERPART = {"CPO": "EMSP", "EMSP": "CPO"}
"""The other end of a connection of 2.1.1, which knows these two roles only."""
PUSHED = {"CPO": frozenset({"cdrs", "locations", "sessions", "tariffs"}), "EMSP": frozenset({"tokens"})}
"""What each role owns and tells; the other one receives it."""


def side_of(identifier: str, role: str) -> str:
    """The side that `role` has of a module in 2.1.1, whose endpoints do not tell it.

    Commands are received by operators; what is nobody's (credentials, custom modules) counts as sender.
    """
    receives = PUSHED.get(COUNTERPART.get(role, ""), frozenset())
    return "RECEIVER" if identifier in receives or (role, identifier) == ("CPO", "commands") else "SENDER"


def only_role(roles: tuple[str, ...]) -> str:
    """The one role of these that 2.1.1 knows, or "" where there are none or two."""
    found = [role for role in roles if role in COUNTERPART]
    return found[0] if len(found) == 1 else ""


def own_role(partner: Partner) -> str:
    """The role in which we stand opposite a partner where a connection is for one role (2.1.1)."""
    roles = [str(role.get("role", "")) for role in partner.roles if isinstance(role, dict)]
    return next((COUNTERPART[role] for role in roles if role in COUNTERPART), "")


def root(identity: Identity, version: str, role: str) -> str:
    """What lies before the version in our addresses: with the role where endpoints name no side (2.1.1)."""
    split = role and version in SPLIT_BY_ROLE
    return f"{identity.base_url}/{role.lower()}" if split else identity.base_url
