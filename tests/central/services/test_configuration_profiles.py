"""Profiles: whom they speak of, what differs, and rounds that read, set and end."""

from datetime import timedelta
from typing import Any

import pytest

from central.models import ChargePointStatus, Command, ConfigurationProfile, Variable
from central.models.command import CommandState
from central.ocpp.masking import is_secret_name
from central.ocpp.profile_values import values_text, wanted_values
from central.services.configuration_profiles import differences_of, profiles_of, scope_of, wanted_of
from central.services.configuration_rounds import (
    round_begin,
    rounds_begin_after_boot,
    rounds_catch_up,
    rounds_continue,
)
from central.services.device_places import Place
from emobility.lib.errors import Invalid
from registry.models import ChargePointGroup, Site
from tests.support.handlers import NOW, charge_point_create
from tests.support.orders import built
from tests.support.power import meant

VALUES = [{"name": "HeartbeatInterval", "value": "300"}, {"name": "LocalPreAuthorize", "value": "true"}]


@pytest.fixture
def live(charge_point):
    return ChargePointStatus.objects.create(
        charge_point=charge_point,
        ocpp_version="1.6",
        boot_status="Accepted",
        booted_at=NOW,
        vendor="ACME",
        model="Wall",
        connection_id="0" * 32,
    )


def profile(organization, name="P", values=VALUES, **fields):
    return ConfigurationProfile.objects.create(organization=organization, name=name, values=values, **fields)


def has(charge_point, name, value, **fields):
    attributes = {"Actual": {"value": value}}
    columns = Place(name).columns | fields
    return Variable.objects.create(charge_point=charge_point, value=value, attributes=attributes, **columns)


def differing(charge_point, version="1.6"):
    wanted = wanted_of(profiles_of(charge_point), version).values()
    return {
        each.wanted.place.name: (each.actual, each.wanted.value)
        for each in differences_of(charge_point, wanted)
    }


def test_what_differs_is_told(organization, charge_point):
    profile(organization)
    assert differing(charge_point) == {
        "HeartbeatInterval": (None, "300"),
        "LocalPreAuthorize": (None, "true"),
    }
    has(charge_point, "HeartbeatInterval", "60")
    has(charge_point, "LocalPreAuthorize", "True")
    assert differing(charge_point) == {"HeartbeatInterval": ("60", "300")}


@pytest.mark.parametrize(
    ("actual", "wanted", "data_type", "same"),
    [
        ("60", "60.0", "", True),
        ("A,B", "A, B", "", True),
        ("A,B", "B,A", "", False),
        ("A,B", "B,A", "MemberList", True),
        ("TRUE", "true", "", True),
        ("", "0", "", False),
        ("NaN", "NaN", "", True),
        ("***", "anything", "", True),
    ],
)
def test_values_that_mean_the_same_do_not_differ(organization, charge_point, actual, wanted, data_type, same):
    profile(organization, values=[{"name": "Key", "value": wanted}])
    has(charge_point, "Key", actual, data_type=data_type)
    assert (differing(charge_point) == {}) is same


def test_one_profile_speaks_to_all_versions(organization, charge_point):
    values = [*VALUES, {"name": "VendorKey", "value": "1"}, {"name": "TxCtrlr.TxStartPoint", "value": "x"}]
    profile(organization, values=values)
    assert set(differing(charge_point, "1.6")) == {"HeartbeatInterval", "LocalPreAuthorize", "VendorKey"}
    assert set(differing(charge_point, "2.1")) == {
        "OCPPCommCtrlr.HeartbeatInterval",
        "AuthCtrlr.LocalPreAuthorize",
        "TxCtrlr.TxStartPoint",
    }


def test_profiles_speak_of_sites_groups_and_models(
    organization, charge_point, live, site, stranger_organization
):
    group = ChargePointGroup.objects.create(organization=organization, name="G", rule_vendor="acme")
    other = ChargePointGroup.objects.create(organization=organization, name="H")
    here: dict[str, dict[str, Any]] = {
        "all": {},
        "site": {"site": site},
        "group": {"group": group},
        "model": {"vendor": "ACME", "model": "wall"},
    }
    for name, fields in here.items():
        assert charge_point in scope_of(profile(organization, name, **fields))
    elsewhere: dict[str, dict[str, Any]] = {
        "elsewhere": {"site": Site.objects.create(organization=organization, name="Else")},
        "others": {"group": other},
        "another": {"model": "Pole"},
        "unused": {"is_active": False},
    }
    for name, fields in elsewhere.items():
        profile(organization, name, **fields)
    profile(stranger_organization, "foreign")
    assert [each.name for each in profiles_of(charge_point)] == ["all", "group", "model", "site"]


def test_the_higher_priority_wins(organization, charge_point):
    profile(organization, "high", [{"name": "HeartbeatInterval", "value": "1"}], priority=5)
    profile(organization, "low", [{"name": "HeartbeatInterval", "value": "2"}])
    assert differing(charge_point) == {"HeartbeatInterval": (None, "1")}


def begin(charge_point, now=NOW):
    return rounds_begin_after_boot(charge_point_ids={charge_point.pk}, now=now)


def go_on(now=NOW):
    ids = set(Command.objects.values_list("pk", flat=True))
    return rounds_continue(command_ids=ids, is_secret=is_secret_name, now=now)


def answer(version, reply):
    """Answer the oldest waiting command with what `reply(request)` gives."""
    command = Command.objects.filter(state=CommandState.QUEUED).earliest("pk")
    action, request = built(version, command)
    accepted = meant(version, command, action, request, reply(request))
    command.state = CommandState.ACCEPTED if accepted else CommandState.REJECTED
    command.save()
    return action, request


def waiting():
    return Command.objects.filter(state=CommandState.QUEUED).count()


def test_silence_is_the_default(organization, charge_point, live):
    profile(organization)
    assert begin(charge_point) == 0
    assert rounds_catch_up(now=NOW + timedelta(minutes=1)) == 0
    assert not Command.objects.exists()


def test_a_round_reads_sets_what_differs_and_ends(organization, charge_point, live):
    profile(organization, apply_after_boot=True)
    assert begin(charge_point) == 1
    assert begin(charge_point) == 0, "one round at a time"
    keys = [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "LocalPreAuthorize", "readonly": False, "value": "false"},
    ]
    action, request = answer("1.6", lambda request: {"configurationKey": keys})
    assert (action, request["key"]) == ("GetConfiguration", ["HeartbeatInterval", "LocalPreAuthorize"])
    assert go_on() == 1
    assert answer("1.6", lambda request: {"status": "Accepted"}) == (
        "ChangeConfiguration",
        {"key": "LocalPreAuthorize", "value": "true"},
    )
    assert go_on() == 0
    assert waiting() == 0
    assert set(Command.objects.values_list("source", "reason")) == {("profile", "P")}


@pytest.mark.parametrize("status", ["Rejected", "NotSupported", "RebootRequired"])
def test_a_round_asks_for_each_value_once(organization, charge_point, live, status):
    profile(organization, apply_after_boot=True)
    begin(charge_point)
    answer("1.6", lambda request: {"unknownKey": request["key"]})
    assert go_on() == 1
    for _ in VALUES:
        answer("1.6", lambda request: {"status": status})
    assert go_on() == 0
    assert waiting() == 0


def test_a_long_profile_is_set_in_steps(organization, charge_point, live):
    ChargePointStatus.objects.update(ocpp_version="2.1")
    values = [{"name": f"A.V{number}", "value": number} for number in range(23)]
    profile(organization, values=values, apply_after_boot=True)
    begin(charge_point)

    def told(request, kind="get"):
        key = f"{kind}VariableData"
        places = [{name: each[name] for name in ("component", "variable")} for each in request[key]]
        return {f"{kind}VariableResult": [place | {"attributeStatus": "Accepted"} for place in places]}

    answer("2.1", told)
    sizes = []
    while go_on():
        _action, request = answer("2.1", lambda request: told(request, "set"))
        sizes.append(len(request["setVariableData"]))
    assert sizes == [10, 10, 3]
    assert differing(charge_point, "2.1") == {}


@pytest.mark.parametrize("state", [CommandState.TIMED_OUT, CommandState.EXPIRED, CommandState.CANCELLED])
def test_a_lost_order_ends_the_round(organization, charge_point, live, state):
    profile(organization, apply_after_boot=True)
    begin(charge_point)
    Command.objects.update(state=state)
    assert go_on() == 0


def test_a_lost_bell_is_caught_up_with_once(organization, charge_point, live):
    profile(organization, apply_after_boot=True)
    assert rounds_catch_up(now=NOW + timedelta(seconds=10)) == 0
    assert rounds_catch_up(now=NOW + timedelta(minutes=1)) == 1
    Command.objects.update(state=CommandState.EXPIRED)
    assert rounds_catch_up(now=NOW + timedelta(minutes=2)) == 0
    assert rounds_catch_up(now=NOW + timedelta(hours=1)) == 0


def test_a_boot_that_was_not_accepted_begins_nothing(organization, charge_point, live):
    profile(organization, apply_after_boot=True)
    ChargePointStatus.objects.update(boot_status="Rejected")
    assert begin(charge_point) == 0


def test_a_full_queue_begins_nothing(organization, charge_point, live, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 0
    assert not round_begin(charge_point=charge_point, profiles=[profile(organization)], now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "A = 1",
        [{"name": "A"}],
        [{"name": "A", "value": 1}, {"name": "a", "value": 2}],
        [{"name": "SecurityCtrlr.BasicAuthPassword", "value": "x"}],
        [{"component": "Net", "variable": "ApnPassword", "value": "x"}],
        [{"name": "AuthorizationKey", "value": "x"}],
    ],
)
def test_values_that_no_profile_may_have(wrong):
    with pytest.raises(Invalid):
        wanted_values(wrong)


def test_values_are_written_as_lines():
    entries: list[dict[str, Any]] = [
        {"name": "A", "value": "1"},
        {"component": "C", "variable": "V", "instance": "i", "evse": 1, "connector": 2, "value": "x"},
        {"component": "C", "component_instance": "o", "variable": "V", "attribute": "Target", "value": ""},
    ]
    assert values_text(entries).splitlines() == ["A = 1", "1/2:C.V[i] = x", "C[o].V#Target = "]


def test_other_charge_points_are_none_of_its_business(organization, charge_point, stranger_organization):
    other = charge_point_create(stranger_organization)
    assert other not in scope_of(profile(organization))
