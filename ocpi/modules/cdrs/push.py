"""CDRs, push: POST until the partner has it, and never a second one (OCPI 2.2.1 §10.1.2).

An earlier request may have arrived although nothing came back. Then the partner is asked first, at the
address it gave or at the commonest form of one; a repeat has the same id and the same body, and an answer
that says "I have this" counts as delivered.
"""

import re
from urllib.parse import quote

from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerError, PeerRefused
from ocpi.core.modules import RECEIVER, pusher
from ocpi.models import Delivery, SealedCdr
from ocpi.modules.cdrs.mapping import cdr_tell
from ocpi.selectors.partners import endpoint_address, endpoint_url

HAS_IT = re.compile(r"exist|duplicat|already|conflict", re.IGNORECASE)
LONGEST_URL = 255


@pusher("cdrs")
def cdr_push(delivery: Delivery, client: PartnerClient) -> str:
    """Bring one CDR to the partner; answers its address there or "". Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "cdrs", RECEIVER)
    address = endpoint_address(delivery.partner, "cdrs", RECEIVER)
    if endpoint is None or address is None:
        raise PeerRefused("The partner takes no CDRs.")
    sealed = SealedCdr.objects.get(cdr_id=delivery.source_id)
    if delivery.uncertain and (known := _asked(delivery, client, endpoint)) is not None:
        return known
    try:
        answer = client.call("POST", address, module="cdrs", body=cdr_tell(sealed, delivery.partner.version))
    except PeerError as error:
        if _taken(error, delivery):
            return error.location[:LONGEST_URL]
        raise
    return answer.headers.get("location", "")[:LONGEST_URL]


def _asked(delivery: Delivery, client: PartnerClient, endpoint: str) -> str | None:
    """The address under which the partner shows the CDR, or None where it does not."""
    url = delivery.remote_url or f"{endpoint}/{quote(delivery.object_id, safe='')}"
    try:
        found = client.ask_one("GET", url, module="cdrs")
    except PeerRefused:
        return None
    is_ours = isinstance(found, dict) and str(found.get("id", "")).upper() == delivery.object_id.upper()
    return url if is_ours else None


def _taken(error: PeerError, delivery: Delivery) -> bool:
    """True where an unhappy answer still means that the partner has the CDR."""
    status = error.http_status or 0
    if 200 <= status < 300 and error.location:
        return True
    if not isinstance(error, PeerRefused) or delivery.attempts < 2:
        return False
    is_client_fault = 2000 <= (error.status_code or 0) < 3000
    return status == 409 or (is_client_fault and bool(HAS_IT.search(error.message)))
