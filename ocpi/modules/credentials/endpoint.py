"""The credentials endpoint: one for all roles, open to token A (OCPI 2.2.1 §7.2)."""

from ocpi.core.errors import MethodRefused, ParametersInvalid, TokenUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.models import Partner
from ocpi.services.handshake import own_credentials, registration_receive, registration_update
from ocpi.services.partners import partner_end

CREDENTIALS_ENDPOINT = Interface("credentials", SENDER, needs_partner=False)
TYPES = frozenset({"CPO", "EMSP"})
"""What document 002 calls the type of a partner."""


def _registered(call: Call) -> Partner:
    if call.partner is not None:
        return call.partner
    if call.bootstrap is not None:
        raise MethodRefused("You are not registered.", "GET", "POST")
    raise TokenUnknown("The token does not open this.")


@CREDENTIALS_ENDPOINT.on("GET")
def read(call: Call) -> Reply:
    """Our credentials with the token that was presented: a digest cannot be turned back (§7.2.1)."""
    if call.partner is None and call.bootstrap is None:
        raise TokenUnknown("The token does not open this.")
    return Reply(own_credentials(call.organization, call.token, call.version, call.role))


def _check_type(call: Call) -> None:
    """`?type=CPO` (document 002) must be one of the roles in the body; without it nothing is checked."""
    wanted = call.query.get("type")
    if wanted is None:
        return
    if wanted not in TYPES:
        raise ParametersInvalid("type is CPO or EMSP.", {"type": "is no type of partner"})
    roles = call.body.get("roles") if isinstance(call.body, dict) else None
    named = [role.get("role") for role in roles if isinstance(role, dict)] if isinstance(roles, list) else []
    if wanted not in named:
        raise ParametersInvalid(f"No role is {wanted}.", {"roles": "do not fit the type"})


@CREDENTIALS_ENDPOINT.on("POST")
def register(call: Call) -> Reply:
    """A peer registers with token A; 405 for one that is registered (§7.2.2)."""
    if call.partner is not None:
        raise MethodRefused("You are registered already.", "GET", "PUT", "DELETE")
    if call.bootstrap is None and not call.anonymous:
        raise TokenUnknown("The token does not open this.")
    _check_type(call)
    _, answer = registration_receive(
        organization=call.organization,
        bootstrap=call.bootstrap,
        body=call.body,
        version=call.version,
        role=call.role,
        now=call.now,
    )
    return Reply(answer)


@CREDENTIALS_ENDPOINT.on("PUT")
def update(call: Call) -> Reply:
    """A partner renews its credentials or changes version; 405 where it is not registered (§7.2.3)."""
    partner = _registered(call)
    _check_type(call)
    answer = registration_update(
        partner=partner, body=call.body, version=call.version, role=call.role, now=call.now
    )
    return Reply(answer)


@CREDENTIALS_ENDPOINT.on("DELETE")
def unregister(call: Call) -> Reply:
    """A partner ends its registration; 405 where it is not registered (§7.2.4)."""
    partner = _registered(call)
    partner_end(partner=partner, actor=str(partner), now=call.now)
    return Reply(None, message="Partner registration deleted successfully")
