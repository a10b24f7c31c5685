"""Brings the result of a partner's command to its `response_url` (OCPI 2.2.1 §13.2.2, §14.4.2)."""

from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerError
from ocpi.models import Delivery, ReceivedCommand


def result_push(delivery: Delivery, client: PartnerClient) -> str:
    """POST the bare result; any success counts, with an envelope around it or not. Raises PeerError.

    An update of an active profile goes by PUT, and carries the profile alone.
    """
    row = ReceivedCommand.objects.get(pk=delivery.source_id)
    body = row.result_body or {"result": row.result}
    method = "POST"
    if row.kind == "ACTIVE_PROFILE":
        method, body = "PUT", body.get("profile")
        if body is None:
            return ""
    try:
        client.call(method, row.response_url, module=row.module, body=body)
    except PeerError as error:
        if not 200 <= (error.http_status or 0) < 300 or error.status_code is not None:
            raise
    return row.response_url
