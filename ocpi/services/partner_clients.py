"""The way to a registered partner for functional modules: its token, its version, the routing headers."""

from dataclasses import replace
from datetime import datetime

from emobility.lib.egress import Line
from ocpi.core.client import PartnerClient
from ocpi.core.routing import Parties
from ocpi.models import Partner
from ocpi.selectors.identity import identity_of


def partner_client(partner: Partner, now: datetime, line: Line | None = None) -> PartnerClient:
    """From our party to the partner's; `line` is a connection that may be open already. Raises Invalid."""
    own = identity_of(partner.organization)
    parties = Parties(to=(partner.country_code, partner.party_id), sender=own.party)
    return replace(PartnerClient.of(partner, now, parties), line=line)
