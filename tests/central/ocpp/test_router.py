"""The tables of actions and commands."""

import pytest

from central.ocpp import intents, router
from central.ocpp.router import ACTIONS, ActionEntry, DoubleRegistration


@pytest.fixture(autouse=True)
def _own_tables(monkeypatch):
    monkeypatch.setattr(router, "ACTIONS", {})
    for table in ("BUILDERS", "ANSWERS", "ORDERS"):
        monkeypatch.setattr(intents, table, {})


def test_an_action_has_one_function_a_form():
    @router.action("Heartbeat", versions=("1.6",))
    def handle(ctx, request):
        return {}

    @router.action("Heartbeat", versions=("1.6",), many=True, when=bool)
    def handle_many(calls):
        return []

    entry = router.ACTIONS["1.6", "Heartbeat"]
    assert (entry.handle, entry.handle_many) == (handle, handle_many)
    assert entry.for_many({"a": 1})
    assert not entry.for_many({})
    with pytest.raises(DoubleRegistration):
        router.action("Heartbeat", versions=("1.6",))(handle)


def test_an_action_that_no_charge_point_sends_is_refused():
    with pytest.raises(LookupError):
        router.action("Reset")(lambda ctx, request: {})


def test_an_order_is_built_and_an_answer_applied_once_a_version():
    intents.order("reset", "Reset")
    intents.command("reset", versions=("1.6",))(lambda version, command: ("Reset", {}))
    intents.answer_of("Reset", versions=("1.6",))(lambda command, request, answer, now: True)
    intents.command("reset", versions=("2.1",))(lambda version, command: ("Reset", {}))
    assert intents.ORDERS["reset"].versions == ("1.6", "2.1")
    with pytest.raises(DoubleRegistration):
        intents.command("reset")(lambda version, command: ("Reset", {}))
    with pytest.raises(DoubleRegistration):
        intents.answer_of("Reset")(lambda command, request, answer, now: True)
    with pytest.raises(DoubleRegistration):
        intents.order("reset", "Again")


def test_an_answer_to_what_nobody_may_send_is_refused():
    with pytest.raises(LookupError):
        intents.answer_of("BootNotification")(lambda command, request, answer, now: True)


def test_without_a_many_form_every_request_is_served_alone():
    assert not ActionEntry(handle=lambda ctx, request: {}).for_many({})
    assert isinstance(ACTIONS, dict)
