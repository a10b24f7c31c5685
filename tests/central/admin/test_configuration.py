"""Pages of the configuration: changing a value, profiles and where charge points differ; the same in REST."""

import pytest

from central.models import ChargePointStatus, Command, ConfigurationProfile, Variable
from central.services.device_places import Place
from registry.models import AuditEntry
from tests.support.world import staff


@pytest.fixture
def operator(client, organization):
    client.force_login(staff(organization, "operator"))
    return client


@pytest.fixture
def variable(charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="2.1")
    place = Place("TxUpdatedInterval", "SampledDataCtrlr").columns
    attributes = {"Actual": {"value": "60", "changed_at": "2026-03-02T12:00:00+00:00"}}
    traits = {"data_type": "integer", "unit": "s", "min_limit": 1, "max_limit": 900}
    return Variable.objects.create(
        charge_point=charge_point,
        value="60",
        attributes=attributes,
        mutability="ReadWrite",
        **traits,
        **place,
    )


def page(row, verb=""):
    return f"/admin/central/{row._meta.model_name}/{row.pk}/" + (f"do/{verb}/" if verb else "change/")


def test_a_value_is_changed_and_read_again(operator, variable):
    assert "At most 900" in operator.get(page(variable, "change")).content.decode()
    assert operator.post(page(variable, "change"), {"value": "30"}).status_code == 302
    assert operator.post(page(variable, "read")).status_code == 302
    changed, read = Command.objects.order_by("pk")
    item = {"component": "SampledDataCtrlr", "variable": "TxUpdatedInterval"}
    assert (changed.order, changed.params) == ("configuration_set", {"variables": [item | {"value": "30"}]})
    assert (read.order, read.params) == ("configuration_get", {"variables": [item]})


@pytest.mark.parametrize(
    ("traits", "widget"),
    [
        ({"data_type": "boolean"}, "<select"),
        ({"data_type": "OptionList", "values_list": "Red, Green"}, "Green"),
        ({"data_type": "string"}, 'type="text"'),
        ({"data_type": "string", "value": "x" * 100}, "<textarea"),
    ],
)
def test_the_form_fits_the_type(operator, variable, traits, widget):
    Variable.objects.update(**traits)
    assert widget in operator.get(page(variable, "change")).content.decode()


@pytest.mark.parametrize("changes", [{"mutability": "ReadOnly"}, {"variable": "BasicAuthPassword"}])
def test_what_cannot_be_changed_says_why(operator, variable, changes):
    Variable.objects.update(**changes)
    assert 'aria-disabled="true"' in operator.get(page(variable)).content.decode()


def test_a_profile_is_written_as_lines_and_compared(operator, organization, charge_point, variable):
    lines = "SampledDataCtrlr.TxUpdatedInterval = 30\nHeartbeatInterval = 300"
    form = {"name": "P", "values": lines, "priority": "0", "is_active": "on"}
    assert operator.post("/admin/central/configurationprofile/add/", form).status_code == 302
    profile = ConfigurationProfile.objects.get()
    assert profile.values == [
        {"name": "SampledDataCtrlr.TxUpdatedInterval", "value": "30"},
        {"name": "HeartbeatInterval", "value": "300"},
    ]
    text = operator.get(page(profile)).content.decode()
    assert "2 of 2 differ" in text
    assert "SampledDataCtrlr.<wbr>TxUpdatedInterval: 60 instead of 30" in text
    edit = f"/admin/central/configurationprofile/{profile.pk}/edit/"
    assert "HeartbeatInterval = 300" in operator.get(edit).content.decode()
    refused = operator.post(edit, form | {"values": "AuthorizationKey = x"})
    assert "secrets do not belong" in refused.content.decode()
    assert operator.post(page(profile, "apply")).status_code == 302
    assert Command.objects.get().source == "profile"


def test_profiles_in_rest(operator, charge_point, variable, site):
    body = {"name": "P", "values": [{"name": "SampledDataCtrlr.TxUpdatedInterval", "value": 30}]}
    kind = {"content_type": "application/json"}
    made = operator.post("/api/configuration-profiles/", body | {"site": site.pk}, **kind)
    assert made.status_code == 201, made.content
    url = f"/api/configuration-profiles/{made.json()['id']}/"
    assert operator.get(f"{url}differences/").json() == [
        {
            "charge_point": charge_point.cp_id,
            "name": "SampledDataCtrlr.TxUpdatedInterval",
            "wanted": "30",
            "actual": "60",
            "refused_with": "",
        }
    ]
    assert operator.post("/api/configuration-profiles/", body, **kind).status_code == 400
    assert operator.patch(url, {"values": [{"name": "A"}]}, **kind).status_code == 400
    assert operator.post(f"{url}apply/").json() == {"begun": 1}
    assert operator.patch(url, {"is_active": False}, **kind).status_code == 200
    assert operator.post(f"{url}apply/").status_code == 409
    assert operator.delete(url).status_code == 204
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert {f"configurationprofile.{verb}" for verb in ("added", "changed", "applied", "deleted")} <= acts


def test_onlookers_change_nothing(client, organization, charge_point, variable):
    client.force_login(staff(organization, "viewer"))
    profile = ConfigurationProfile.objects.create(organization=organization, name="P", values=[])
    url = f"/api/configuration-profiles/{profile.pk}/"
    assert client.get(url).status_code == 200
    assert client.post(f"{url}apply/").status_code == 403
    assert client.post(page(variable, "change"), {"value": "1"}).status_code == 403
    assert client.post(page(profile, "apply")).status_code == 403


def test_variables_are_found_by_their_names(operator, charge_point, variable):
    for query, count in {"": 1, "TxUpdated": 1, "nothing": 0}.items():
        listed = operator.get(f"/admin/central/variable/?q={query}&charge_point__id__exact={charge_point.pk}")
        assert listed.content.decode().count("SampledDataCtrlr.<wbr>TxUpdatedInterval") == count
    found = operator.get("/api/variables/?component=SampledDataCtrlr&variable=TxUpdatedInterval").json()
    assert found["results"][0]["attributes"]["Actual"]["value"] == "60"
    assert operator.get("/api/variables/?component=Other").json()["results"] == []


@pytest.mark.parametrize(
    ("word", "shown", "tone"),
    [
        ("UnknownComponent", "Not there (UnknownComponent)", "em-mute"),
        ("Rejected", "Refused (Rejected)", "em-bad"),
    ],
)
def test_a_refusal_is_told_in_plain_words(word, shown, tone, operator, variable):
    """That a charge point has no such variable is nothing to worry about."""
    Variable.objects.update(word=word)
    for address in ("/admin/central/variable/", page(variable)):
        html = operator.get(address).content.decode()
        assert tone in html[html.index(shown) - 200 : html.index(shown)]
