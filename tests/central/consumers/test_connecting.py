"""Connect a charger: made by hand, watched on its way, refused, adopted, accepted (over real sockets)."""

import re

import pytest
from django.test import Client

from central.models import ChargePointStatus, Command, Knock, Refusal
from central.selectors.connecting import connect_steps
from central.services.commands import remote_start
from emobility.lib import bell
from emobility.lib.clock import utc_now
from registry.models import ChargePoint, Organization
from tests.support.charge_point import CallError, Refused, plug_in
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def organization(server):
    return Organization.objects.create(name="Amber", slug="amber", is_default=True)


@pytest.fixture
def operator(organization):
    client = Client()
    client.force_login(staff(organization, "operator"))
    return client


def refusal(url, cp_id, password, **options):
    with pytest.raises(Refused) as caught, plug_in(url, cp_id, password, **options):
        pass
    assert bell.drain()
    return caught.value.status


def steps(cp_id):
    """The tone of each step by its key."""
    rows = connect_steps(ChargePoint.objects.get(cp_id=cp_id), utc_now())
    return {step.key: step.tone for step in rows}


def password_on(page):
    (password,) = re.findall(r'id="em-password">([0-9a-f]{40})<', page)
    return password


def connect(operator, **values):
    form = {"cp_id": "CP-1", "version": "1.6", "security_profile": "1"} | values
    response = operator.post("/admin/registry/chargepoint/add/", form)
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def test_a_charger_is_connected_step_by_step(server, operator):
    """Form -> password -> wrong password -> no version -> boot -> status, each seen on its page."""
    url = server.ws("/ocpp")
    page = connect(operator)
    password = password_on(page)
    charge_point = ChargePoint.objects.get(cp_id="CP-1")
    assert f"/ocpp/{charge_point.cp_id}" in page
    waiting = ("tls", "password", "version", "boot", "status")
    assert steps("CP-1") == {"heard": "busy"} | dict.fromkeys(waiting, "mute")
    assert refusal(url, "CP-1", "wrong") == 401
    assert refusal(url, "CP-1", password, user="CP-2") == 401
    assert (steps("CP-1")["heard"], steps("CP-1")["password"]) == ("good", "bad")
    with plug_in(url, "CP-1", password, subprotocols=["ocpp1.5"]) as charger:
        charger.wait_closed()
    assert bell.drain()
    assert Refusal.objects.get(reason="no_version").offered == "ocpp1.5"
    assert (steps("CP-1")["password"], steps("CP-1")["version"]) == ("good", "bad")
    with plug_in(url, "CP-1", password) as charger:
        assert [steps("CP-1")[key] for key in ("password", "version", "boot")] == ["good", "good", "busy"]
        charger.boot()
        charger.status()
        eventually(lambda: set(steps("CP-1").values()) == {"good"})
        shown = operator.get(f"/admin/registry/chargepoint/{charge_point.pk}/connect/").content.decode()
        assert ("It is connected." in shown, password in shown) == (True, False)
    story = operator.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/").content.decode()
    assert "1 time in the last hour" in story


@pytest.mark.parametrize(
    ("host", "profile", "public", "doubt"),
    [
        ("localhost:8000", "1", "", "this very machine"),
        ("csms.example", "2", "", "came without TLS"),
        ("csms.example", "1", "", ""),
        ("localhost", "2", "wss://csms.example/ocpp", ""),
    ],
)
def test_an_address_that_may_be_wrong_says_so(host, profile, public, doubt, server, operator, settings):
    settings.ALLOWED_HOSTS, settings.OCPP_PUBLIC_URL = ["*"], public
    form = {"cp_id": "CP-1", "version": "1.6", "security_profile": profile}
    page = operator.post("/admin/registry/chargepoint/add/", form, headers={"host": host}).content.decode()
    assert (doubt or "em-address") in page
    known = ("this very machine", "came without TLS")
    assert [each for each in known if each in page] == ([doubt] if doubt else [])


def test_an_unknown_id_is_listed_and_adopted_with_one_click(server, operator):
    url = server.ws("/ocpp")
    assert refusal(url, "STRANGER", "whatever", version="2.0.1") == 404
    assert refusal(url, "STRANGER", None, version="2.0.1") == 404
    knock = Knock.objects.get()
    assert (knock.cp_id, knock.offered) == ("STRANGER", "ocpp2.0.1")
    assert b"STRANGER" in operator.get("/admin/central/knock/").content
    (told,) = operator.get("/api/unknown-charge-points/").json()["results"]
    assert (told["cp_id"], told["count"]) == ("STRANGER", 2)
    page = operator.post(f"/admin/central/knock/{knock.pk}/do/adopt/").content.decode()
    with plug_in(url, "STRANGER", password_on(page), "2.0.1") as charger:
        assert charger.boot()["status"] == "Accepted"
    eventually(lambda: not Knock.objects.exists())
    assert ChargePoint.objects.get().metadata == {"expected_version": "2.0.1"}


def test_with_several_organisations_nobody_of_them_sees_or_adopts(server, operator):
    Organization.objects.create(name="Basalt", slug="basalt")
    refusal(server.ws("/ocpp"), "STRANGER", "whatever")
    knock = Knock.objects.get()
    assert b"STRANGER" not in operator.get("/admin/central/knock/").content
    assert operator.post(f"/admin/central/knock/{knock.pk}/do/adopt/").status_code == 404
    platform = Client()
    platform.force_login(staff(None, "admin", is_superuser=True))
    answer = platform.post(f"/admin/central/knock/{knock.pk}/do/adopt/")
    assert answer.status_code == 302
    assert "cp_id=STRANGER" in answer["Location"]


def test_an_id_that_exists_is_never_taken_over(server, operator, enrol):
    stranger = enrol("CP-1")
    page = operator.post("/admin/registry/chargepoint/add/", {"cp_id": "CP-1", "security_profile": "2"})
    assert page.status_code == 409
    with stranger.plug_in() as charger:
        assert charger.boot()


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_charge_point_waits_until_it_is_accepted(server, operator, organization, version):
    """1.6 §4.2, 2.x B02: pending it stays connected, may be asked, and gets no other service."""
    organization.holds_new_charge_points = True
    organization.save()
    password = password_on(connect(operator, version=version))
    charge_point = ChargePoint.objects.get()
    handlers = {"TriggerMessage": {"status": "Accepted"}}
    with plug_in(server.ws("/ocpp"), "CP-1", password, version, handlers=handlers) as charger:
        pending = charger.boot()
        assert (pending["status"], pending["interval"]) == ("Pending", 60)
        with pytest.raises(CallError) as refused:
            charger.heartbeat()
        assert refused.value.code == "SecurityError"
        listed = operator.get("/api/charge-points/CP-1/").json()
        assert listed["state"] == "pending"
        remote_start(charge_point=charge_point, id_tag="TAG-1", now=utc_now())
        eventually(lambda: Command.objects.filter(order="remote_start", state="failed").exists())
        accepted = operator.post("/api/charge-points/CP-1/accept/")
        assert accepted.status_code == 204
        eventually(lambda: charger.calls)
        assert charger.calls[0][0] == "TriggerMessage"
        assert charger.boot()["status"] == "Accepted"
        assert charger.heartbeat()
    assert operator.post("/api/charge-points/CP-1/accept/").status_code == 409
    assert ChargePointStatus.objects.get(charge_point=charge_point).accepted_at


def test_whoever_accepts_where_it_connects_goes_on_watching(server, operator, organization):
    organization.holds_new_charge_points = True
    organization.save()
    password = password_on(connect(operator))
    page = f"/admin/registry/chargepoint/{ChargePoint.objects.get().pk}/connect/"
    with plug_in(server.ws("/ocpp"), "CP-1", password) as charger:
        charger.boot()
        (address,) = re.findall(r'action="([^"]+/accept/[^"]*)"', operator.get(page).content.decode())
        assert operator.post(address)["Location"] == page
        assert charger.boot()["status"] == "Accepted"
        assert steps("CP-1")["boot"] == "good"


def test_who_was_accepted_before_stays_so(server, organization, enrol):
    known = enrol("CP-1")
    with known.plug_in() as charger:
        assert charger.boot()["status"] == "Accepted"
    Organization.objects.update(holds_new_charge_points=True)
    with known.plug_in() as charger:
        assert charger.boot()["status"] == "Accepted"


def test_the_list_has_the_one_click_and_says_who_may_see_it(server, organization):
    """A browser's form of the list: the click that adopts carries the list's token against forgery."""
    refusal(server.ws("/ocpp"), "STRANGER", "whatever")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff(organization, "operator"))
    page = browser.get("/admin/central/knock/").content.decode()
    (address,) = re.findall(r'formaction="(/admin/central/knock/\d+/do/adopt/)"', page)
    form = page[page.index('id="changelist-form"') :]
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[:1]
    assert form.index(token) < form.index(address) < form.index("</form>")
    assert password_on(browser.post(address, {"csrfmiddlewaretoken": token}).content.decode())
    Organization.objects.create(name="Basalt", slug="basalt")
    page = browser.get("/admin/central/knock/").content.decode()
    assert "administrators see these" in page
    assert "No unknown charge point" not in page
