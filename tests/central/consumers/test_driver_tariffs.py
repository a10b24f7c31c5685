"""Prices at chargers over real sockets: asked for at the start, the driver's own (I08), changed (I11)."""

import pytest

from billing.services.tariffs import tariff_assign
from central.models import ChargePointTariff, Command, IdTokenGroup, Variable
from central.ocpp.tariff_keeping import tariffs_keep
from central.services.device_places import Place
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.billing.builders import ENERGY, LONG_AGO, default_tariff, tariff
from tests.support.handlers import token_create
from tests.support.wait import eventually

pytestmark = pytest.mark.integration
TAKEN = {"status": "Accepted"}


def results(request):
    """What a 2.x charge point with a display that calculates answers."""
    return {
        "getVariableResult": [
            {**asked, "attributeStatus": "Accepted", "attributeValue": "true"}
            for asked in request["getVariableData"]
        ]
    }


def keys(request):
    """The same in 1.6."""
    return {"configurationKey": [{"key": key, "readonly": False, "value": "true"} for key in request["key"]]}


@pytest.fixture
def priced(enrolled, settings):
    """0.60 EUR with tax for everybody, 0.36 for the tags of a group."""
    settings.OCPP_ASK_FOR_DISPLAYS = True
    owner = enrolled.row.organization
    group = IdTokenGroup.objects.create(organization=owner, uid="FLEET", name="Fleet")
    token_create(owner)
    token_create(owner, "TAG-2", group=group)
    default_tariff(owner, ENERGY)
    own = tariff(owner, ENERGY | {"price": 0.3}, tariff_id="T2")
    tariff_assign(organization=owner, tariff=own, token_group=group, valid_from=LONG_AGO, now=LONG_AGO)
    return enrolled


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_charger_is_asked_after_its_start_and_shows_what_charging_costs(priced, version):
    """Nobody read anything by hand; it is asked once a day."""
    handlers = {"GetVariables": results, "GetConfiguration": keys, "DataTransfer": TAKEN}
    with priced.plug_in(version, handlers=handlers | {"SetDefaultTariff": TAKEN}) as charger:
        charger.boot()
        eventually(lambda: Variable.objects.filter(value="true").exists())
        eventually(lambda: Command.objects.filter(state="accepted", source="prices").exists())
        if version == "1.6":
            charger.authorize("TAG-1")
            eventually(lambda: [name for name, _ in charger.calls if name == "DataTransfer"])
        else:
            answer = charger.call("Authorize", {"idToken": {"idToken": "TAG-1", "type": "ISO14443"}})
            assert "EUR/kWh" in answer["idTokenInfo"]["personalMessage"]["content"]
        charger.boot()
        bell.drain()
        assert Command.objects.filter(source="prices").count() == 1


def nothing(request):
    """A 2.x charge point without a display."""
    unknown = "UnknownComponent"
    return {
        "getVariableResult": [{**asked, "attributeStatus": unknown} for asked in request["getVariableData"]]
    }


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_charger_without_a_display_is_no_failed_order(priced, version):
    """That it knows none of the names is the answer."""
    handlers = {"GetVariables": nothing, "GetConfiguration": lambda request: {"unknownKey": request["key"]}}
    with priced.plug_in(version, handlers=handlers) as charger:
        charger.boot()
        eventually(lambda: Command.objects.filter(state="accepted", source="prices").exists())
    assert not Variable.objects.exclude(value="").exists()


def calculates(enrolled):
    for instance in ("Cost", "Tariff"):
        place = Place("Enabled", "TariffCostCtrlr", instance=instance)
        Variable.objects.create(charge_point=enrolled.row, value="true", **place.columns)


def test_i08_a_driver_with_another_tariff_gets_it_with_the_answer(priced, settings):
    """I08.FR.01: the own tariff; who pays what everybody pays gets none."""
    settings.OCPP_ASK_FOR_DISPLAYS = False
    calculates(priced)
    with priced.plug_in("2.1", handlers={"SetDefaultTariff": TAKEN}) as charger:
        charger.boot()
        usual = charger.call("Authorize", {"idToken": {"idToken": "TAG-1", "type": "ISO14443"}})
        own = charger.call("Authorize", {"idToken": {"idToken": "TAG-2", "type": "ISO14443"}})
    assert "tariff" not in usual
    assert own["tariff"]["tariffId"] == "T2.1"
    assert own["tariff"]["energy"]["prices"][0]["priceKwh"] == 0.3


@pytest.mark.parametrize(("status", "state"), [("Accepted", "installed"), ("Rejected", "refused")])
def test_i11_a_session_that_is_priced_otherwise_is_given_its_tariff(priced, settings, status, state):
    """I11.FR.01: it began with the default, its tag pays another price; a refusal is not repeated at once."""
    settings.OCPP_ASK_FOR_DISPLAYS = False
    calculates(priced)
    answers = {"SetDefaultTariff": TAKEN, "ChangeTransactionTariff": {"status": status}}
    with priced.plug_in("2.1", handlers=answers) as charger:
        charger.boot()
        eventually(lambda: ChargePointTariff.objects.filter(tariff_id="T1.1", state="installed").exists())
        transaction = charger.start("TAG-2")
        eventually(lambda: [name for name, _ in charger.calls if name == "ChangeTransactionTariff"])
        sent = dict(charger.calls)["ChangeTransactionTariff"]
        assert (sent["transactionId"], sent["tariff"]["tariffId"][:4]) == (transaction.id, "T2.1")
        eventually(lambda: ChargePointTariff.objects.filter(kind="DriverTariff", state=state).exists())
        charger.call(*transaction.meter(wh=1000))
        bell.drain()
        assert [name for name, _ in charger.calls].count("ChangeTransactionTariff") == 1


def test_i10_a_tariff_with_steps_is_not_left_to_the_charger_nor_the_one_before(priced, settings):
    """It would tell its driver less than is billed: the old default is taken back, once."""
    settings.OCPP_ASK_FOR_DISPLAYS = False
    calculates(priced)
    answers = {
        "SetDefaultTariff": TAKEN,
        "ClearTariffs": lambda request: {
            "clearTariffsResult": [
                {"status": "Accepted", "tariffId": tariff_id} for tariff_id in request["tariffIds"]
            ]
        },
    }
    with priced.plug_in("2.1", handlers=answers) as charger:
        charger.boot()
        eventually(lambda: ChargePointTariff.objects.filter(tariff_id="T1.1", state="installed").exists())
        owner = priced.row.organization
        stepped = tariff(owner, ENERGY | {"step_size": 1000}, tariff_id="T3")
        tariff_assign(organization=owner, tariff=stepped, charge_point=priced.row, now=LONG_AGO)
        assert tariffs_keep(now=utc_now()) == 1
        eventually(lambda: ChargePointTariff.objects.filter(tariff_id="T1.1", state="cleared").exists())
        assert tariffs_keep(now=utc_now()) == 0
    sent = [request for name, request in charger.calls if name == "ClearTariffs"]
    assert sent == [{"tariffIds": ["T1.1"]}]
