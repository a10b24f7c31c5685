"""Display messages: 2.x O01-O06."""

from datetime import timedelta

import pytest

from central.models import Command, DisplayMessage
from central.ocpp.intents import ORDERS
from central.ocpp.ordering import order_form
from central.services.commands import command_cancel, command_create
from central.services.display_messages import display_messages_sweep
from central.services.jobs import jobs_undelivered
from emobility.lib.errors import Invalid
from registry.models import Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.power import answered, built, meant, placed
from tests.support.world import staff

VERSIONS = ["2.0.1", "2.1"]


def order(charge_point, **params):
    return placed(charge_point, "display_message_set", **{"text": "Hello", **params})


def shown(charge_point, version="2.1", **params):
    """The number of an installed message."""
    command = order(charge_point, **params)
    assert answered(version, command, {"status": "Accepted"})
    return command.params["number"]


def row(number):
    return DisplayMessage.objects.get(number=number)


def states(charge_point):
    rows = DisplayMessage.objects.filter(charge_point=charge_point).order_by("number")
    return [(each.number, each.state) for each in rows]


def info(number, text="Hello", **more):
    message = {"format": "UTF8", "content": text}
    return {"id": number, "priority": "NormalCycle", "message": message} | more


def test_1_6_has_no_display():
    for name in ("display_message_set", "display_messages_get", "display_message_clear"):
        assert ORDERS[name].versions == ("2.0.1", "2.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_whole_of_a_message(version, charge_point):
    """O01.FR.05, FR.17: start, end, state, language."""
    command = order(
        charge_point,
        language="de-DE",
        format="HTML",
        priority="InFront",
        shown_state="Idle",
        starts_at="2026-03-03T08:00:00Z",
        ends_at="2026-03-04T08:00:00Z",
        display_evse=2,
    )
    assert built(version, command) == (
        "SetDisplayMessage",
        {
            "message": {
                "id": 1,
                "priority": "InFront",
                "message": {"format": "HTML", "language": "de-DE", "content": "Hello"},
                "state": "Idle",
                "startDateTime": "2026-03-03T08:00:00.000Z",
                "endDateTime": "2026-03-04T08:00:00.000Z",
                "display": {"name": "Display", "evse": {"id": 2}},
            }
        },
    )
    assert (row(1).state, row(1).shown_state, row(1).command) == ("ordered", "Idle", command)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_short_message_leaves_out_what_was_not_said(version, charge_point):
    """O01.FR.04: no transactionId where it belongs to none."""
    message = built(version, order(charge_point))[1]["message"]
    assert message == info(1)


def test_languages_of_2_1(charge_point):
    command = order(charge_point, language="en", translations="de: Hallo\n fr : Bonjour : toi \n\n")
    message = built("2.1", command)[1]["message"]
    assert message["messageExtra"] == [
        {"format": "UTF8", "language": "de", "content": "Hallo"},
        {"format": "UTF8", "language": "fr", "content": "Bonjour : toi"},
    ]
    with pytest.raises(ValueError, match="one language"):
        built("2.0.1", command)
    assert answered("2.1", command, {"status": "Accepted"})
    assert [each["language"] for each in row(1).contents] == ["en", "de", "fr"]


@pytest.mark.parametrize(
    "params", [{"text": "x" * 600}, {"format": "QRCODE"}, {"shown_state": "Discharging"}]
)
def test_what_2_0_1_cannot_say_is_told(params, charge_point):
    command = order(charge_point, **params)
    assert built("2.1", command)
    with pytest.raises(ValueError, match=r"2\.0\.1"):
        built("2.0.1", command)


@pytest.mark.parametrize(
    "params",
    [
        {"text": ""},
        {"text": "x" * 1025},
        {"language": "german!"},
        {"translations": "no colon"},
        {"translations": "de: a\nde: b"},
        {"translations": "a1: x"},
        {"translations": "\n".join(f"{each}: x" for each in ("de", "fr", "it", "es", "nl"))},
        {"priority": "Loud"},
        {"starts_at": "2026-03-04T08:00:00Z", "ends_at": "2026-03-03T08:00:00Z"},
    ],
)
def test_a_wrong_order_is_refused(params, charge_point):
    with pytest.raises(Invalid):
        order(charge_point, **params)
    assert not DisplayMessage.objects.exists()


def test_numbers_are_ours_and_each_charge_points_own(charge_point):
    other = charge_point_create(charge_point.organization)
    assert [shown(charge_point), shown(charge_point), shown(other)] == [1, 2, 1]
    Bench(charge_point, "2.1").call("NotifyDisplayMessages", {"requestId": 5, "messageInfo": [info(77)]})
    assert shown(charge_point) == 78


@pytest.mark.parametrize("handle", ["ours", "theirs", "unknown"])
def test_a_message_of_a_session_by_either_handle(handle, charge_point, token):
    """O02; both handles of a transaction work, and one that we do not know is sent all the same."""
    began = Bench(charge_point, "2.0.1").begin()
    uid = str(Bench(charge_point, "2.0.1").session().uid)
    name = {"ours": uid, "theirs": began.id, "unknown": "T-9"}[handle]
    message = built("2.0.1", order(charge_point, transaction=name))[1]["message"]
    assert message["transactionId"] == ("T-9" if handle == "unknown" else began.id)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_accepted_message_is_installed(version, charge_point):
    number = shown(charge_point, version)
    assert (row(number).state, row(number).installed_at, row(number).answer) == ("installed", NOW, "Accepted")
    assert Event.objects.get(kind="display_message.installed").subject == str(number)


@pytest.mark.parametrize(
    "status",
    [
        "NotSupportedMessageFormat",
        "Rejected",
        "NotSupportedPriority",
        "NotSupportedState",
        "UnknownTransaction",
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_keeps_its_reason(version, status, charge_point):
    """O01.FR.01-03, FR.11; O02.FR.01."""
    assert not answered(version, order(charge_point), {"status": status})
    assert (row(1).state, row(1).answer) == ("refused", status)


def test_a_language_that_it_lacks(charge_point):
    assert not answered("2.1", order(charge_point), {"status": "LanguageNotSupported"})
    assert row(1).state == "refused"


def test_a_replacement_counts_when_it_is_accepted(charge_point):
    """O06.FR.01."""
    number = shown(charge_point, text="Old")
    refused = order(charge_point, text="New", number=number)
    assert row(number).contents[0]["content"] == "Old"
    assert not answered("2.1", refused, {"status": "Rejected"})
    assert (row(number).contents[0]["content"], row(number).state) == ("Old", "installed")
    assert answered("2.1", order(charge_point, text="New", number=number), {"status": "Accepted"})
    assert row(number).contents[0]["content"] == "New"
    assert DisplayMessage.objects.count() == 1


def test_only_one_is_always_in_front(charge_point):
    """O01.FR.16: the new one replaces the old one, on the same display."""
    first = shown(charge_point, priority="AlwaysFront")
    elsewhere = shown(charge_point, priority="AlwaysFront", display_evse=2)
    second = shown(charge_point, priority="AlwaysFront")
    assert [row(number).state for number in (first, elsewhere, second)] == [
        "removed",
        "installed",
        "installed",
    ]
    assert row(first).removed_because == "replaced"


def test_the_form_offers_what_is_there(charge_point, token):
    began = Bench(charge_point, "2.1").begin()
    number = shown(charge_point, text="Welcome")
    page = order_form(ORDERS["display_message_set"], None, charge_point).as_p()
    assert f'value="{began.id}"' in page
    assert f'value="{number}"' in order_form(ORDERS["display_message_clear"], None, charge_point).as_p()


def test_a_message_is_ordered_from_the_charge_points_page(charge_point, token, client):
    began = Bench(charge_point, "2.1").begin()
    client.force_login(staff(charge_point.organization, "operator"))
    page = f"/admin/registry/chargepoint/{charge_point.pk}/orders/display_message_set/"
    typed = {
        "text": "Hello",
        "translations": "de: Hallo\r\nfr: Salut",
        "priority": "InFront",
        "transaction": began.id,
        "ends_at": "2030-01-01T10:00",
        "how-valid_minutes": "5",
        "how-attempts": "1",
    }
    answer = client.post(page, typed)
    assert answer.status_code == 302, answer.content.decode()
    command = Command.objects.get()
    message = built("2.1", command)[1]["message"]
    assert [each["language"] for each in message["messageExtra"]] == ["de", "fr"]
    assert message["transactionId"] == began.id


@pytest.mark.parametrize(
    ("version", "status", "accepted", "state"),
    [
        ("2.0.1", "Accepted", True, "removed"),
        ("2.1", "Accepted", True, "removed"),
        ("2.0.1", "Unknown", False, "removed"),
        ("2.1", "Rejected", False, "installed"),
    ],
)
def test_a_message_is_removed(version, status, accepted, state, charge_point):
    """O05; what it does not know is not there either."""
    number = shown(charge_point)
    command = placed(charge_point, "display_message_clear", number=number)
    assert built(version, command) == ("ClearDisplayMessage", {"id": number})
    assert answered(version, command, {"status": status}) is accepted
    assert row(number).state == state


def test_its_time_and_its_session_end_a_message(charge_point, token):
    """O01.FR.07, O02.FR.02: the charge point removes it by itself."""
    bench = Bench(charge_point, "2.0.1")
    began = bench.begin()
    timed = shown(charge_point, ends_at="2026-03-02T13:00:00Z")
    bound = shown(charge_point, transaction=began.id)
    forever = shown(charge_point)
    assert display_messages_sweep(now=NOW) == 0
    bench.call(*began.stop(500, NOW))
    assert display_messages_sweep(now=NOW + timedelta(hours=2)) == 2
    assert [row(each).removed_because for each in (timed, bound, forever)] == ["time", "transaction", ""]


def test_an_order_that_never_left_leaves_no_message(charge_point):
    command_cancel(command=order(charge_point), now=NOW)
    lost = order(charge_point)
    Command.objects.filter(pk=lost.pk).update(state="timed_out")
    assert jobs_undelivered(now=NOW) == 2
    assert states(charge_point) == [(1, "refused"), (2, "lost")]
    assert answered("2.1", lost, {"status": "Accepted"})
    assert row(2).state == "installed"


def test_a_raw_request_has_the_same_meaning(charge_point):
    command = command_create(charge_point=charge_point, order="raw", params={}, now=NOW)
    meant("2.1", command, "SetDisplayMessage", {"message": info(400, "Raw")}, {"status": "Accepted"})
    assert (row(400).state, row(400).contents[0]["content"]) == ("installed", "Raw")
    meant("2.1", command, "ClearDisplayMessage", {"id": 400}, {"status": "Accepted"})
    assert row(400).state == "removed"
