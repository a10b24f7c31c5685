"""The credentials endpoint: one for all roles, open to token A (OCPI 2.2.1 §7.2)."""

from ocpi.core.errors import MethodRefused, TokenUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.models import Partner
from ocpi.services.handshake import own_credentials, registration_receive, registration_update
from ocpi.services.partners import partner_end

CREDENTIALS_ENDPOINT = Interface("credentials", SENDER, needs_partner=False)


def _registered(call: Call) -> Partner:
    if call.partner is not None:
        return call.partner
    if call.bootstrap is not None:
        raise MethodRefused("You are not registered.")
    raise TokenUnknown("The token does not open this.")


@CREDENTIALS_ENDPOINT.on("GET")
def read(call: Call) -> Reply:
    """Our credentials with the token that was presented: a digest cannot be turned back (§7.2.1)."""
    if call.partner is None and call.bootstrap is None:
        raise TokenUnknown("The token does not open this.")
    return Reply(own_credentials(call.organization, call.token, call.version, call.role))


@CREDENTIALS_ENDPOINT.on("POST")
def register(call: Call) -> Reply:
    """A peer registers with token A; 405 for one that is registered (§7.2.2)."""
    if call.partner is not None:
        raise MethodRefused("You are registered already.")
    if call.bootstrap is None:
        raise TokenUnknown("The token does not open this.")
    _, answer = registration_receive(
        bootstrap=call.bootstrap, body=call.body, version=call.version, role=call.role, now=call.now
    )
    return Reply(answer)


@CREDENTIALS_ENDPOINT.on("PUT")
def update(call: Call) -> Reply:
    """A partner renews its credentials or changes version; 405 where it is not registered (§7.2.3)."""
    answer = registration_update(
        partner=_registered(call), body=call.body, version=call.version, role=call.role, now=call.now
    )
    return Reply(answer)


@CREDENTIALS_ENDPOINT.on("DELETE")
def unregister(call: Call) -> Reply:
    """A partner ends its registration; 405 where it is not registered (§7.2.4)."""
    partner = _registered(call)
    partner_end(partner=partner, actor=str(partner), now=call.now)
    return Reply(None)
