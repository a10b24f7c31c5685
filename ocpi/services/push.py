"""Sends what waits in the outbox of one partner, one delivery at a time."""

from datetime import datetime

from emobility.lib.errors import DomainError
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerError, PeerRefused
from ocpi.core.modules import PUSHERS
from ocpi.core.routing import Parties
from ocpi.models import Delivery
from ocpi.selectors.identity import identity_of
from ocpi.services.outbox import delivery_claim, delivery_done, delivery_failed


def delivery_push_next(*, partner_id: int, now: datetime) -> bool:
    """Send the delivery of a partner that waits longest; False where nothing may be sent now.

    No transaction may be open. Whatever goes wrong is written to the delivery.
    """
    delivery = delivery_claim(partner_id=partner_id, now=now)
    if delivery is None:
        return False
    try:
        remote_url = PUSHERS[delivery.module](delivery, _client(delivery, now))
    except PeerError as error:
        delivery_failed(delivery=delivery, error=error, now=now)
    except DomainError as error:
        delivery_failed(delivery=delivery, error=PeerRefused(error.message), now=now)
    else:
        delivery_done(delivery=delivery, remote_url=remote_url, now=now)
    return True


def _client(delivery: Delivery, now: datetime) -> PartnerClient:
    partner = delivery.partner
    own = identity_of(partner.organization)
    parties = Parties(to=(partner.country_code, partner.party_id), sender=own.party)
    return PartnerClient.of(partner, now, parties)
