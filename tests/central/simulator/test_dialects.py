"""Everything a simulated charge point says is valid in its version's schema."""

from datetime import UTC, datetime

import pytest

from central.ocpp.schemas import validate_request
from central.ocpp.simulator.dialects import State, dialect_of, heartbeat, is_accepted
from central.ocpp.simulator.meter import Reading
from central.ocpp.simulator.options import VERSIONS, Options
from central.ocpp.simulator.transaction import Transaction

AT = datetime(2026, 1, 5, 10, 0, 0, 123_000, tzinfo=UTC)
READING = Reading(AT, 1234, 11_000, 45)
REASONS = ("Local", "Remote", "DeAuthorized", "HardReset", "SoftReset", "UnlockCommand", "Other", "PowerLoss")


def messages(version):
    dialect = dialect_of(version)
    transaction = Transaction(1, "TAG-1", remote_start_id=7)
    yield heartbeat()
    yield dialect.boot(Options("CP 1", "ws://localhost/ocpp", version), "PowerUp")
    yield dialect.authorize(transaction)
    for state in State:
        yield dialect.status(1, state, AT)
    yield dialect.start(transaction, READING)
    yield dialect.sample(transaction, READING)
    yield dialect.triggered(transaction, READING)
    yield dialect.meter_values(2, READING)
    for reason in REASONS:
        yield dialect.stop(transaction, READING, reason)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_is_valid(version):
    for message in messages(version):
        validate_request(version, message.action, message.payload())


def test_16_takes_the_transaction_id_from_the_answer_even_for_messages_made_before():
    dialect, transaction = dialect_of("1.6"), Transaction(1, "TAG-1")
    sample = dialect.sample(transaction, READING)
    assert sample.payload()["transactionId"] == -1
    assert dialect.started(transaction, {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}})
    assert sample.payload()["transactionId"] == 4711


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_2x_events_are_numbered_from_zero(version):
    """E01.FR.07."""
    dialect, transaction = dialect_of(version), Transaction(1, "TAG-1")
    events = [
        dialect.start(transaction, READING),
        dialect.sample(transaction, READING),
        dialect.stop(transaction, READING, "Local"),
    ]
    assert [event.payload()["seqNo"] for event in events] == [0, 1, 2]
    assert len({event.payload()["transactionInfo"]["transactionId"] for event in events}) == 1


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        ({}, True),
        ({"idTagInfo": {"status": "Accepted"}}, True),
        ({"idTagInfo": {"status": "Blocked"}}, False),
        ({"idTokenInfo": {"status": "ConcurrentTx"}}, False),
    ],
)
def test_a_driver_charges_unless_central_says_no(answer, allowed):
    assert is_accepted(answer) is allowed
