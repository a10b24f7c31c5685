"""NotifyDisplayMessages (2.x O03, O04): the list of what is there, in parts."""

from datetime import timedelta

import pytest

from central.models import DisplayMessage
from central.services.command_delivery import command_sent
from emobility.lib.errors import Invalid
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, placed


def shown(charge_point, **params):
    """The number of an installed message."""
    command = placed(charge_point, "display_message_set", **{"text": "Hello", **params})
    assert answered("2.1", command, {"status": "Accepted"})
    return command.params["number"]


def row(number):
    return DisplayMessage.objects.get(number=number)


def states(charge_point):
    rows = DisplayMessage.objects.filter(charge_point=charge_point).order_by("number")
    return [(each.number, each.state) for each in rows]


def info(number, text="Hello"):
    return {"id": number, "priority": "NormalCycle", "message": {"format": "UTF8", "content": text}}


def asked(charge_point, version="2.1", now=NOW, **params):
    """A sent GetDisplayMessages and its number."""
    command = placed(charge_point, "display_messages_get", **params)
    action, payload = built(version, command)
    command_sent(command_id=command.pk, message_id="m", action=action, request=payload, now=now)
    return command


def reported(charge_point, command, *infos, tbc=False, now=NOW):
    payload = {"requestId": command.pk, "tbc": tbc} | ({"messageInfo": list(infos)} if infos else {})
    bench = Bench(charge_point, "2.1", now)
    assert bench.call("NotifyDisplayMessages", payload) == {}


def test_the_question_names_what_it_wants(charge_point):
    command = placed(
        charge_point, "display_messages_get", numbers="3, 1,3", priority="InFront", shown_state="Idle"
    )
    assert built("2.0.1", command) == (
        "GetDisplayMessages",
        {"requestId": command.pk, "id": [1, 3], "priority": "InFront", "state": "Idle"},
    )
    with pytest.raises(Invalid):
        placed(charge_point, "display_messages_get", numbers="one")


def test_a_report_in_parts_puts_the_list_right(charge_point):
    """O03.FR.03, FR.04: tbc in all parts but the last."""
    kept, gone = shown(charge_point), shown(charge_point)
    later = NOW + timedelta(minutes=5)
    command = asked(charge_point, now=later)
    reported(charge_point, command, info(kept, "Changed"), tbc=True, now=later)
    assert row(gone).state == "installed"
    reported(charge_point, command, info(50, "Theirs"), now=later)
    assert states(charge_point) == [(kept, "installed"), (gone, "removed"), (50, "installed")]
    assert row(kept).contents[0]["content"] == "Changed"
    assert row(kept).installed_at == NOW
    assert (row(50).reported_at, row(50).command) == (later, None)
    assert row(gone).removed_because == "not_reported"


def test_a_report_of_some_says_nothing_of_the_others(charge_point):
    """O04."""
    normal, front = shown(charge_point), shown(charge_point, priority="InFront")
    later = NOW + timedelta(minutes=5)
    reported(charge_point, asked(charge_point, priority="InFront", now=later), now=later)
    assert states(charge_point) == [(normal, "installed"), (front, "removed")]


def test_what_was_set_after_the_question_stays(charge_point):
    command = asked(charge_point, now=NOW - timedelta(minutes=1))
    number = shown(charge_point)
    reported(charge_point, command)
    assert row(number).state == "installed"


def test_nothing_there_is_an_answer(charge_point):
    """O03.FR.06: Unknown where no message is configured."""
    number = shown(charge_point)
    assert answered("2.0.1", asked(charge_point, "2.0.1"), {"status": "Unknown"})
    assert row(number).state == "removed"


def test_a_report_that_nobody_asked_for_is_kept_and_removes_nothing(charge_point):
    number = shown(charge_point)
    payload = {"requestId": 2**63 - 1, "messageInfo": [info(9)]}
    Bench(charge_point, "2.1").call("NotifyDisplayMessages", payload)
    assert states(charge_point) == [(number, "installed"), (9, "installed")]
