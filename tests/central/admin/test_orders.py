"""Orders from a charge point's page: what its version carries, forms of the theme, refusals with a reason."""

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from central.models import ChargePointStatus, Command
from central.ocpp.catalog import VERSIONS
from central.ocpp.errors import OcppError
from central.ocpp.intents import ORDERS, to_charge_point
from central.ocpp.schemas import validate_request
from central.ocpp.sketch import request_sketch
from registry.admin.dress import dressed
from registry.models import AuditEntry
from registry.models.user import Role
from tests.support.world import staff

HOW = {"how-reason": "", "how-valid_minutes": "5", "how-attempts": "1"}


@pytest.fixture
def office(organization):
    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(organization, role))
        return client

    return make


@pytest.fixture
def speaks(charge_point):
    def make(version):
        ChargePointStatus.objects.update_or_create(
            charge_point=charge_point, defaults={"ocpp_version": version}
        )

    return make


def listed(point):
    return reverse("admin:registry_chargepoint_orders", args=[point.pk])


def page_of(point, order):
    return reverse("admin:registry_chargepoint_order", args=[point.pk, order])


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_list_has_every_order_that_the_version_carries(version, charge_point, office, speaks):
    speaks(version)
    page = text(office(Role.ADMIN).get(listed(charge_point)))
    for name, order in ORDERS.items():
        assert (f'href="{page_of(charge_point, name)}"' in page) is (version in order.versions), name


def test_the_list_is_searched(charge_point, office):
    client = office()
    page = text(client.get(listed(charge_point), {"q": "stuck cable"}))
    assert page_of(charge_point, "unlock") in page
    assert page_of(charge_point, "clear_cache") not in page
    assert "No order fits" in text(client.get(listed(charge_point), {"q": "zzz"}))


def test_frequent_orders_are_buttons_and_the_rest_is_behind_one(charge_point, office):
    page = text(office().get(reverse("admin:registry_chargepoint_change", args=[charge_point.pk])))
    for name in ("reset", "unlock", "availability"):
        assert page_of(charge_point, name) in page
    assert listed(charge_point) in page
    assert page_of(charge_point, "clear_cache") not in page


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_every_order_has_a_page_with_its_fields(name, charge_point, office):
    """Each field of each order is there, in the widgets of the theme."""
    page = text(office(Role.ADMIN).get(page_of(charge_point, name), follow=True))
    fields = ORDERS[name].form().fields if name not in {"remote_start", "remote_stop"} else {}
    for field in fields:
        assert f'name="{field}"' in page, field
    assert escape(str(ORDERS[name].label)) in page


def test_an_order_becomes_a_durable_command(charge_point, office, speaks):
    speaks("2.0.1")
    body = {
        **HOW,
        "available": "Inoperative",
        "evse_number": "2",
        "connector_number": "",
        "how-reason": "paint",
    }
    body |= {"how-valid_minutes": "60", "how-attempts": "3"}
    answer = office().post(page_of(charge_point, "availability"), body)
    assert answer.status_code == 302
    command = Command.objects.get()
    assert (command.order, command.params) == ("availability", {"available": "Inoperative", "evse_number": 2})
    assert (command.source, command.reason, command.max_attempts) == ("admin", "paint", 3)
    assert (command.expires_at - command.created_at).total_seconds() == 3600
    assert AuditEntry.objects.filter(action="command.queued:availability", actor="operator-amber").exists()


def test_a_list_is_typed_as_lines(charge_point, office, speaks):
    speaks("2.0.1")
    body = HOW | {"variables": "OCPPCommCtrlr.HeartbeatInterval = 300"}
    assert office().post(page_of(charge_point, "configuration_set"), body).status_code == 302
    assert Command.objects.get().params["variables"][0]["value"] == "300"


def test_a_wrong_value_is_told_and_nothing_is_sent(charge_point, office):
    answer = office().post(page_of(charge_point, "unlock"), HOW | {"evse_number": "0"})
    assert answer.status_code == 200
    assert "greater than or equal to 1" in text(answer)
    assert not Command.objects.exists()


def test_what_the_version_has_not_is_refused_with_a_reason(charge_point, office, speaks):
    speaks("1.6")
    client = office()
    assert "OCPP 1.6 has no such order." in text(client.get(page_of(charge_point, "transaction_status")))
    client.post(page_of(charge_point, "transaction_status"), HOW)
    assert not Command.objects.exists()


def test_an_order_with_its_own_page_leads_there(charge_point, office):
    answer = office().get(page_of(charge_point, "remote_start"))
    assert answer["Location"].endswith("/do/remote-start/")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PARTNER])
def test_who_only_looks_orders_nothing(role, charge_point, office):
    client = office(role)
    assert client.get(page_of(charge_point, "reset")).status_code == 403
    assert client.post(page_of(charge_point, "reset"), HOW | {"kind": "gentle"}).status_code == 403
    assert "Your role may order nothing here." in text(client.get(listed(charge_point)))
    assert office().get(page_of(charge_point, "raw")).status_code == 403
    assert not Command.objects.exists()


def test_there_is_no_page_for_what_nobody_can_order(charge_point, office):
    assert office().get(page_of(charge_point, "explode")).status_code == 404


def test_a_raw_request_begins_with_a_sketch(charge_point, office, speaks):
    speaks("1.6")
    client = office(Role.ADMIN)
    page = text(client.get(page_of(charge_point, "raw"), {"action": "ChangeAvailability"}))
    assert "&quot;connectorId&quot;: 0" in page
    assert "BootNotification" not in page.split("<select")[1].split("</select>")[0]
    body = HOW | {"action": "ChangeAvailability", "payload": '{"connectorId": 1}'}
    answer = client.post(page_of(charge_point, "raw"), body)
    assert answer.status_code == 400
    assert "payload.type" in text(answer)
    body["payload"] = '{"connectorId": 1, "type": "Operative"}'
    assert client.post(page_of(charge_point, "raw"), body).status_code == 302
    assert Command.objects.get().params["payload"] == {"connectorId": 1, "type": "Operative"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_sketch_has_every_required_field(version):
    """Filled in as it stands it is taken, but for texts that the version wants longer or of a form."""
    for action in sorted(to_charge_point(version)):
        fault = ""
        try:
            validate_request(version, action, request_sketch(version, action))
        except OcppError as error:
            fault = error.description
        assert "missing" not in fault, action


class Everything(forms.Form):
    """One field of each kind."""

    text = forms.CharField(max_length=5)
    long = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    secret = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=1)
    amount = forms.DecimalField()
    yes = forms.BooleanField(required=False)
    perhaps = forms.NullBooleanField(required=False)
    at = forms.DateTimeField()
    day = forms.DateField()
    anything = forms.JSONField(initial={"a": 1})
    one = forms.ChoiceField(choices=[("a", "A")])
    some = forms.MultipleChoiceField(choices=[("a", "A")])


def test_a_plain_form_is_dressed_field_by_field():
    form = dressed(Everything())
    kinds = {name: type(field.widget).__name__ for name, field in form.fields.items()}
    assert kinds["hidden"] == "HiddenInput"
    assert all(
        kind.startswith(("Unfold", "Moment", "Day", "Json"))
        for name, kind in kinds.items()
        if name != "hidden"
    )
    page = str(form)
    for piece in ('type="datetime-local"', 'type="date"', 'type="password"', 'maxlength="5"', 'rows="3"'):
        assert piece in page, piece
    assert "{\n  &quot;a&quot;: 1\n}" in page
    again = dressed(Everything({"at": "2026-03-02T12:00", "one": "a", "some": ["a"], "anything": "{"}))
    assert not again.is_valid()
    assert set(again.errors) >= {"anything", "text"}
    assert "at" not in again.errors


def test_a_refusal_stands_beside_its_field(charge_point, office):
    form = {"to-charge_points": "NOBODY", "kind": "gentle"} | HOW
    answer = office().post("/admin/central/bulkcommand/add/?order=reset", form)
    page = text(answer)
    assert answer.status_code == 400
    assert "charge_points:" not in page
    assert page.index("Charge points by name") < page.index("Not among them: NOBODY")


def test_what_a_version_cannot_say_is_told_on_the_page(charge_point, office, speaks):
    speaks("2.0.1")
    form = {"text": "Hello", "language": "en", "translations": "de: Hallo"}
    form |= {"format": "UTF8", "priority": "NormalCycle"} | HOW
    answer = office().post(page_of(charge_point, "display_message_set"), form)
    assert (answer.status_code, "takes one language" in text(answer)) == (400, True)
    assert not Command.objects.exists()
