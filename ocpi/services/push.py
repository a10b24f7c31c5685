"""Sends what waits in the outbox of one partner, one delivery at a time."""

from datetime import datetime

from emobility.lib.egress import Line
from emobility.lib.errors import DomainError
from ocpi.core.errors import PeerError, PeerRefused
from ocpi.core.modules import PUSHERS
from ocpi.services.outbox import delivery_claim, delivery_done, delivery_failed
from ocpi.services.partner_clients import partner_client


def delivery_push_next(*, partner_id: int, now: datetime, line: Line | None = None) -> bool:
    """Send the delivery of a partner that waits longest; False where nothing may be sent now.

    `line` is a connection that may be open already. No transaction may be open. Whatever goes wrong is
    written to the delivery.
    """
    delivery = delivery_claim(partner_id=partner_id, now=now)
    if delivery is None:
        return False
    try:
        remote_url = PUSHERS[delivery.module](delivery, partner_client(delivery.partner, now, line))
    except PeerError as error:
        delivery_failed(delivery=delivery, error=error, now=now)
    except DomainError as error:
        delivery_failed(delivery=delivery, error=PeerRefused(error.message), now=now)
    else:
        delivery_done(delivery=delivery, remote_url=remote_url, now=now)
    return True
