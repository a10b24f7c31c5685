"""Asking about a transaction (2.x E14): by either handle; the answer is kept and noted on the session."""

import pytest

from central.models import Session, TransactionCheck
from central.ocpp.intents import ORDERS
from tests.support.handlers import Bench
from tests.support.orders import answered, built, placed

V2 = ["2.0.1", "2.1"]
ORDER = "transaction_status"


def check(version, command, answer):
    assert answered(version, command, answer)
    return TransactionCheck.objects.latest("pk")


def test_only_2_knows_it():
    assert ORDERS[ORDER].versions == ("2.0.1", "2.1")


@pytest.mark.parametrize("version", V2)
def test_both_handles_name_the_transaction(version, charge_point, token):
    bench = Bench(charge_point, version)
    transaction = bench.begin()
    for handle in (str(bench.session().uid), transaction.id):
        command = placed(charge_point, ORDER, transaction=handle)
        assert built(version, command) == ("GetTransactionStatus", {"transactionId": transaction.id})


def test_a_transaction_that_we_do_not_know_is_asked_about_all_the_same(charge_point):
    command = placed(charge_point, ORDER, transaction="FOREIGN")
    assert built("2.0.1", command)[1] == {"transactionId": "FOREIGN"}
    kept = check("2.0.1", command, {"messagesInQueue": False, "ongoingIndicator": False})
    assert (kept.session, kept.transaction_id, kept.ongoing) == (None, "FOREIGN", False)


def test_the_queue_alone(charge_point):
    """E14.FR.06-08."""
    command = placed(charge_point, ORDER)
    assert built("2.1", command) == ("GetTransactionStatus", {})
    kept = check("2.1", command, {"messagesInQueue": True})
    assert (kept.ongoing, kept.messages_in_queue, kept.transaction_id) == (None, True, "")


def test_a_session_that_ended_there_is_remarked_until_it_goes_on(charge_point, token):
    """E14.FR.01-03; the end stays the charge point's to report."""
    bench = Bench(charge_point, "2.0.1")
    transaction = bench.begin()
    command = placed(charge_point, ORDER, transaction=transaction.id)
    kept = check("2.0.1", command, {"messagesInQueue": True, "ongoingIndicator": False})
    assert kept.session == bench.session()
    assert (bench.session().state, bench.session().flags) == ("active", ["ended_there"])
    check("2.0.1", command, {"messagesInQueue": False, "ongoingIndicator": True})
    assert bench.session().flags == []


def test_what_ended_properly_gets_no_remark(charge_point, token):
    bench = Bench(charge_point, "2.0.1")
    transaction = bench.begin()
    bench.call(*transaction.stop(10))
    assert Session.objects.get().state == "ended"
    command = placed(charge_point, ORDER, transaction=transaction.id)
    check("2.0.1", command, {"messagesInQueue": False, "ongoingIndicator": False})
    assert "ended_there" not in bench.session().flags
