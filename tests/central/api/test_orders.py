"""REST: which orders there are, what they need, and orders taken back or repeated."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.test import Client

from central.api.form_schema import form_schema
from central.models import ChargePointStatus, Command, Connector, Evse, Reservation
from central.models.command import CommandState
from central.ocpp.intents import ORDERS
from registry.models import AuditEntry, User
from registry.models.user import Role
from tests.support.handlers import NOW, charge_point_create
from tests.support.orders import placed
from tests.support.world import staff


@pytest.fixture
def api(organization):
    def make(role=Role.OPERATOR):
        client = Client()
        known = User.objects.filter(username=f"{role}-{organization.slug}").first()
        client.force_login(known or staff(organization, role))
        return client

    return make


def connector_create(charge_point, number):
    evse = Evse.objects.create(charge_point=charge_point, number=number)
    return Connector.objects.create(charge_point=charge_point, evse=evse, number=1)


def told(client, **query):
    answer = client.get("/api/orders/", query)
    assert answer.status_code == 200, answer.content
    return {each["order"]: each for each in answer.json()}


def test_every_order_tells_what_it_does_and_needs(api):
    listed = told(api())
    assert set(listed) == set(ORDERS)
    reset = listed["reset"]
    assert (reset["versions"], reset["danger"], reset["right"]) == (["1.6", "2.0.1", "2.1"], True, "service")
    assert reset["params"]["required"] == ["kind"]
    assert [each["const"] for each in reset["params"]["properties"]["kind"]["oneOf"]] == [
        "gentle",
        "at_once",
        "resume",
    ]
    assert all(each["label"] and each["params"]["type"] == "object" for each in listed.values())


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1", ""])
def test_a_charge_point_is_offered_what_its_version_carries(version, api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version=version)
    listed = told(api(), charge_point=charge_point.cp_id)
    assert set(listed) == {name for name, each in ORDERS.items() if not version or version in each.versions}
    assert ("transaction_status" in listed) is (version != "1.6")


@pytest.mark.parametrize(("version", "offered"), [("1.6", False), ("2.1", True), ("", True)])
def test_fields_and_choices_of_2_x_are_not_offered_to_1_6(version, offered, api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version=version)
    listed = told(api(), charge_point=charge_point.cp_id)

    def choices(order, field):
        return {each["const"] for each in listed[order]["params"]["properties"][field]["oneOf"]}

    for order, field in [
        ("unlock", "connector_number"),
        ("availability", "connector_number"),
        ("reset", "evse_number"),
        ("reserve", "connector_type"),
        ("profile_set", "dynamic_update_seconds"),
        ("trigger", "custom"),
    ]:
        assert (field in listed[order]["params"]["properties"]) is offered, order
    assert ("resume" in choices("reset", "kind")) is offered
    assert ("TransactionEvent" in choices("trigger", "message")) is offered
    assert ("PriorityCharging" in choices("profile_set", "purpose")) is offered
    assert ("DataCollectorLog" in choices("log_get", "log")) is offered
    assert "StatusNotification" in choices("trigger", "message")


def test_a_foreign_charge_point_is_not_found(api, stranger_organization):
    charge_point_create(stranger_organization, "X")
    assert api().get("/api/orders/", {"charge_point": "X"}).status_code == 404
    assert api(Role.VIEWER).get("/api/orders/explode/").status_code == 404


def test_who_only_looks_is_told_that_he_may_not(api):
    viewer = told(api(Role.VIEWER))
    assert not any(each["allowed"] for each in viewer.values())
    operator = told(api())
    assert (operator["reset"]["allowed"], operator["raw"]["allowed"]) == (True, False)
    assert api(Role.PARTNER).get("/api/orders/").status_code == 403


class Everything(forms.Form):
    """One field of each kind."""

    text = forms.CharField(max_length=5, help_text="Some text.")
    number = forms.IntegerField(min_value=1, max_value=9, initial=3)
    amount = forms.DecimalField(min_value=Decimal("0.5"), required=False)
    yes = forms.BooleanField(required=False)
    at = forms.DateTimeField(required=False)
    day = forms.DateField(required=False, initial=date.today)
    key = forms.UUIDField(required=False)
    anything = forms.JSONField(required=False)
    place = forms.URLField(required=False, assume_scheme="https")
    one = forms.ChoiceField(choices=[("", "-"), ("a", "A"), ("more", [("b", "B")])])
    some = forms.MultipleChoiceField(choices=[("a", "A")], required=False)


def test_a_form_as_json_schema():
    schema = form_schema(Everything())
    properties = schema["properties"]
    assert (schema["required"], schema["additionalProperties"]) == (["text", "number", "one"], False)
    assert (properties["text"]["description"], properties["text"]["maxLength"]) == ("Some text.", 5)
    assert (properties["number"]["minimum"], properties["number"]["default"]) == (1, 3)
    assert properties["amount"]["minimum"] == 0.5
    kinds = {name: each.get("format") or each.get("type") for name, each in properties.items()}
    assert (kinds["yes"], kinds["at"], kinds["day"]) == ("boolean", "date-time", "date")
    assert (kinds["key"], kinds["place"], kinds["anything"]) == ("uuid", "uri", None)
    assert [each["const"] for each in properties["one"]["oneOf"]] == ["a", "b"]
    assert properties["some"]["items"] == {"oneOf": [{"const": "a", "title": "A"}]}
    assert "default" not in properties["day"]


def order(client, **body):
    return client.post("/api/commands/", body, content_type="application/json")


def test_an_order_with_its_time_and_attempts(api, charge_point):
    client = api()
    answer = order(
        client,
        order="reset",
        charge_point=charge_point.cp_id,
        params={"kind": "gentle"},
        reason="hangs",
        valid_seconds=3600,
        attempts=3,
    )
    assert answer.status_code == 202, answer.content
    made = client.get(answer.json()["url"]).json()
    assert (made["max_attempts"], made["reason"], made["attempts"]) == (3, "hangs", 0)
    command = Command.objects.get()
    assert (command.expires_at - command.created_at).total_seconds() == 3600
    assert (
        order(client, order="reset", charge_point=charge_point.cp_id, params={}, attempts=11).status_code
        == 400
    )


def test_a_wrong_raw_payload_names_its_field(api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="1.6")
    body = {"charge_point": charge_point.cp_id, "params": {"action": "Reset", "payload": {"type": "Now"}}}
    answer = order(api(Role.ADMIN), order="raw", **body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]["params"]) == ["payload.type"]


def test_an_order_is_taken_back_and_repeated(api, charge_point):
    command, client = placed(charge_point, "clear_cache"), api()
    url = f"/api/commands/{command.uid}/"
    assert client.post(f"{url}retry/").status_code == 409
    assert client.post(f"{url}cancel/").json()["state"] == "cancelled"
    assert client.post(f"{url}cancel/").status_code == 409
    answer = client.post(f"{url}retry/")
    assert answer.status_code == 202
    again = client.get(answer.json()["url"]).json()
    assert (again["order"], again["retry_of"], again["state"]) == ("clear_cache", str(command.uid), "queued")
    acts = AuditEntry.objects.filter(action__startswith="command.").order_by("id")
    assert [(each.action.split(":")[0], each.actor) for each in acts] == [
        ("command.queued", "system"),
        ("command.cancelled", "operator-amber"),
        ("command.queued", "operator-amber"),
    ]


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_who_only_looks_takes_nothing_back(verb, api, charge_point):
    command = placed(charge_point, "clear_cache")
    assert api(Role.VIEWER).post(f"/api/commands/{command.uid}/{verb}/").status_code == 403
    assert api().post(f"/api/commands/{uuid.uuid4()}/{verb}/").status_code == 404


def test_a_repeat_needs_the_right_of_the_order(api, charge_point):
    command = placed(charge_point, "raw", action="ClearCache", payload={})
    Command.objects.update(state=CommandState.REJECTED, finished_at=NOW)
    assert api().post(f"/api/commands/{command.uid}/retry/").status_code == 403
    assert api(Role.ADMIN).post(f"/api/commands/{command.uid}/retry/").status_code == 202


def test_an_order_with_rows_of_its_own_is_placed_anew(api, charge_point):
    """A copy of the command would reserve a row that has ended: the repeat gets a reservation of its own."""
    command = placed(charge_point, "reserve", id_tag="AB12", expires_at="2099-01-01T10:00:00Z")
    Command.objects.update(state=CommandState.TIMED_OUT, finished_at=NOW)
    Reservation.objects.update(state="unknown")
    answer = api().post(f"/api/commands/{command.uid}/retry/")
    assert answer.status_code == 202, answer.content
    again = Command.objects.latest("pk")
    made = Reservation.objects.get(command=again)
    assert (again.retry_of, made.state) == (command, "requested")
    assert again.params["reservation_id"] != command.params["reservation_id"]


def test_what_was_not_kept_is_not_repeated(api, charge_point):
    command = placed(charge_point, "reserve", id_tag="AB12", expires_at="2099-01-01T10:00:00Z")
    Command.objects.update(state=CommandState.TIMED_OUT, finished_at=NOW, asked="")
    answer = api().post(f"/api/commands/{command.uid}/retry/")
    assert (answer.status_code, "anew" in answer.content.decode()) == (409, True)
    assert Command.objects.count() == 1


def test_an_order_whose_secrets_are_gone_is_not_repeated(api, charge_point):
    command = placed(charge_point, "clear_cache")
    Command.objects.update(state=CommandState.FAILED, finished_at=NOW, params={"password": "***"})
    answer = api().post(f"/api/commands/{command.uid}/retry/")
    assert (answer.status_code, "secrets" in answer.content.decode()) == (409, True)


def test_an_order_that_is_only_translated_is_repeated(api, charge_point):
    command = placed(charge_point, "remote_start", id_tag="AB12")
    Command.objects.update(state=CommandState.TIMED_OUT, finished_at=NOW)
    assert api().post(f"/api/commands/{command.uid}/retry/").status_code == 202
    assert Command.objects.latest("pk").params == command.params


@pytest.mark.parametrize(
    ("name", "params", "fault"),
    [
        (
            "reserve",
            {"id_tag": "A", "expires_at": "2099-01-01T10:00:00Z", "evse_number": 2**31},
            "evse_number",
        ),
        (
            "reserve",
            {"id_tag": "A", "expires_at": "2099-01-01T10:00:00Z", "evse_number": 10**30},
            "evse_number",
        ),
        ("raw", {"action": "DataTransfer", "payload": {"vendorId": "a\0"}}, "payload"),
        ("raw", {"action": "Reset", "payload": {"a": [{"b": 2**31}]}}, "payload"),
        ("raw", {"action": "DataTransfer", "payload": '{"vendorId": "a", "data": NaN}'}, "payload"),
    ],
)
def test_what_no_table_can_hold_is_refused_by_name(name, params, fault, api, charge_point):
    answer = order(api(Role.ADMIN), order=name, charge_point=charge_point.cp_id, params=params)
    assert (answer.status_code, list(answer.json()["fields"]["params"])) == (400, [fault])


def test_a_backslash_before_a_word_like_it_is_text(api, charge_point):
    params = {"action": "DataTransfer", "payload": {"vendorId": "a", "data": "\\u0000"}}
    answer = order(api(Role.ADMIN), order="raw", charge_point=charge_point.cp_id, params=params)
    assert answer.status_code == 202


def test_a_vendor_s_own_numbers_may_be_larger(api, charge_point):
    params = {"action": "DataTransfer", "payload": {"vendorId": "a", "data": {"ms": 1_700_000_000_000}}}
    answer = order(api(Role.ADMIN), order="raw", charge_point=charge_point.cp_id, params=params)
    assert answer.status_code == 202


@pytest.mark.parametrize("kept", ["id", "row"])
def test_places_are_named_by_ocpp_s_ids_or_by_ours(kept, api, charge_point):
    plug = connector_create(charge_point, 3)
    named = {"connector_id": 3} if kept == "id" else {"connector": plug.pk}
    answer = order(api(), order="unlock", charge_point=charge_point.cp_id, params=named)
    assert answer.status_code == 202, answer.content
    told_of = api().get(answer.json()["url"]).json()
    assert told_of["params"]["evse_number"] == 3
    assert (told_of["subject"]["connector"], told_of["subject"]["evse_id"]) == (plug.pk, 3)
    foreign = order(api(), order="unlock", charge_point=charge_point.cp_id, params={"connector": plug.pk + 1})
    assert foreign.status_code == 404


def test_a_reservation_is_named_by_either_id(api, charge_point):
    placed(charge_point, "reserve", id_tag="AB12", expires_at="2099-01-01T10:00:00Z")
    row, client = Reservation.objects.get(), api()
    for named in ({"reservation": row.pk}, {"reservation_id": row.number}):
        answer = order(client, order="reservation_cancel", charge_point=charge_point.cp_id, params=named)
        subject = client.get(answer.json()["url"]).json()["subject"]
        assert (subject["reservation"], subject["reservation_id"]) == (row.pk, row.number)
