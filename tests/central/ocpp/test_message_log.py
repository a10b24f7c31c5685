"""The message log keeps what a charge point sent, character by character."""

from uuid import uuid4

import pytest

from central.models import Message
from central.ocpp import frames, message_log
from central.ocpp.message_log import IN, Row
from tests.support.handlers import NOW

ODD = 'tab\t newline\n return\r back\\slash \\N \u2028 quote" é'


@pytest.mark.parametrize("payload", [None, {}, {"text": ODD, "deep": [{"\\": "\\\\"}]}])
def test_every_character_arrives(charge_point, payload):
    row = Row(charge_point.pk, uuid4(), IN, frames.ERROR, ODD[:20], ODD[:36], payload, NOW, ODD[:20])
    message_log.write([row, row])
    for found in Message.objects.all():
        assert (found.action, found.message_id, found.error_code) == (ODD[:20], ODD[:36], ODD[:20])
        assert (found.payload, found.at, found.connection_id) == (payload, NOW, row.connection_id)
        assert found.latency_ms is None
    assert Message.objects.count() == 2
