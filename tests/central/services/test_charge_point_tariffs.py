"""Tariffs at charge points (2.1 I07-I11): installed, replaced, reported, cleared, changed for a session."""

from datetime import timedelta

import pytest

from central.models import ChargePointTariff, Evse
from central.services.charge_point_tariffs import tariffs_sweep
from emobility.lib.errors import Invalid, NotFound
from tests.billing.builders import FEE, default_tariff, tariff
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, placed

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def day(organization):
    """The tariff that is in force everywhere."""
    return default_tariff(organization, tariff_id="DAY")


@pytest.fixture
def night(organization):
    return tariff(organization, FEE, tariff_id="NIGHT")


def put(charge_point, status="Accepted", **params):
    return answered("2.1", placed(charge_point, "tariff_set_default", **params), {"status": status})


def rows():
    return {
        row.tariff_id: (row.state, row.evse_numbers)
        for row in ChargePointTariff.objects.order_by("tariff_id")
    }


def test_the_tariff_in_force_is_installed_everywhere(charge_point, day):
    """I07.FR.12: EVSE 0."""
    command = placed(charge_point, "tariff_set_default")
    assert built("2.1", command) == (
        "SetDefaultTariff",
        {
            "evseId": 0,
            "tariff": {
                "tariffId": "DAY.1",
                "currency": "EUR",
                "description": [{"format": "UTF8", "content": "0.50 EUR/kWh, plus VAT"}],
                "energy": {"taxRates": [{"type": "vat", "tax": 20}], "prices": [{"priceKwh": 0.5}]},
            },
        },
    )
    assert rows() == {"DAY.1": ("requested", [])}
    assert answered("2.1", command, {"status": "Accepted"})
    assert rows() == {"DAY.1": ("installed", [])}


@pytest.mark.parametrize("status", ["Rejected", "TooManyElements", "ConditionNotSupported"])
def test_a_charge_point_may_refuse_it(charge_point, day, status):
    """I07.FR.02, FR.03, FR.05, FR.06."""
    assert not put(charge_point, status)
    row = ChargePointTariff.objects.get()
    assert (row.state, row.word) == ("refused", status)


def test_one_that_is_there_already_is_there(charge_point, day):
    """I07.FR.04: refused, and installed all the same."""
    assert not put(charge_point, "DuplicateTariffId")
    assert rows() == {"DAY.1": ("installed", [])}


def test_a_new_tariff_takes_the_place_of_the_old_one(charge_point, day, night):
    """I07.FR.22."""
    put(charge_point)
    put(charge_point, tariff="NIGHT")
    assert rows() == {"DAY.1": ("replaced", []), "NIGHT.1": ("installed", [])}


def test_a_tariff_for_one_evse_leaves_the_others(charge_point, day, night):
    """I07, second scenario."""
    for number in (1, 2, 3):
        Evse.objects.create(charge_point=charge_point, number=number)
    put(charge_point)
    put(charge_point, tariff="NIGHT", evse_number=2)
    put(charge_point, tariff="NIGHT", evse_number=3)
    assert rows() == {
        "DAY.1": ("installed", [1]),
        "NIGHT.1.e2": ("installed", [2]),
        "NIGHT.1.e3": ("installed", [3]),
    }


def test_a_tariff_of_tomorrow_waits_for_its_time(charge_point, day, night):
    """I07.FR.19, FR.20."""
    put(charge_point)
    put(charge_point, tariff="NIGHT", valid_from=LATER)
    assert rows()["DAY.1"][0] == "installed"
    assert tariffs_sweep(now=LATER - timedelta(minutes=1)) == 0
    assert tariffs_sweep(now=LATER) == 1
    assert rows() == {"DAY.1": ("replaced", []), "NIGHT.1": ("installed", [])}
    assert tariffs_sweep(now=LATER + timedelta(minutes=1)) == 0


def test_a_tariff_that_is_not_valid_is_told(charge_point, night):
    with pytest.raises(NotFound):
        placed(charge_point, "tariff_set_default")
    with pytest.raises(NotFound):
        placed(charge_point, "tariff_set_default", tariff="UNKNOWN")
    assert not ChargePointTariff.objects.exists()


def test_what_ocpp_cannot_say_is_told(charge_point, organization):
    other = FEE | {"vat": 7}
    tariff(organization, FEE, tariff_id="ODD")
    version = tariff_version(organization, "ODD", FEE, other)
    with pytest.raises(Invalid) as caught:
        placed(charge_point, "tariff_set_default", tariff="ODD")
    assert "one tax" in caught.value.fields["tariff"]
    assert version.number == 2


def tariff_version(organization, tariff_id, *parts):
    """A second version: two elements of one kind whose taxes differ."""
    known = organization.tariffs.get(tariff_id=tariff_id)
    return known.versions.create(
        number=2,
        currency="EUR",
        elements=[{"price_components": [part]} for part in parts],
        valid_from=NOW - timedelta(days=1),
    )


def report(charge_point, *assignments, status="Accepted", **params):
    answer = {"status": status} | ({"tariffAssignments": list(assignments)} if assignments else {})
    return answered("2.1", placed(charge_point, "tariffs_get", **params), answer)


def said(tariff_id, *evses, kind="DefaultTariff", **more):
    return {"tariffId": tariff_id, "tariffKind": kind, "evseIds": list(evses)} | more


def test_what_the_charge_point_has_is_what_counts(charge_point, day):
    """I09.FR.01-07."""
    put(charge_point)
    assert report(
        charge_point,
        said("THEIRS", 1, 2, validFrom="2026-01-01T00:00:00Z"),
        said("MSP", 1, kind="DriverTariff", idTokens=["TAG-1"]),
    )
    assert rows() == {
        "DAY.1": ("gone", []),
        "MSP": ("installed", [1]),
        "THEIRS": ("installed", [1, 2]),
    }
    driver = ChargePointTariff.objects.get(tariff_id="MSP")
    assert (driver.kind, driver.id_tags, driver.tariff) == ("DriverTariff", ["TAG-1"], None)


def test_a_report_of_one_evse_says_nothing_of_others(charge_point):
    report(charge_point, said("A", 1, 2), said("B", 2))
    report(charge_point, said("B", 2), evse_number=2)
    assert rows() == {"A": ("installed", [1]), "B": ("installed", [2])}


@pytest.mark.parametrize(("status", "expected"), [("NoTariff", "gone"), ("Rejected", "installed")])
def test_a_charge_point_without_tariffs(charge_point, day, status, expected):
    """I09.FR.03."""
    put(charge_point)
    assert report(charge_point, status=status) is (status == "NoTariff")
    assert rows()["DAY.1"][0] == expected


def clear(charge_point, *results, **params):
    command = placed(charge_point, "tariffs_clear", **params)
    return built("2.1", command)[1], answered("2.1", command, {"clearTariffsResult": list(results)})


def test_clearing(charge_point):
    """I10.FR.01-07: each result for itself; a tariff may stay at other EVSEs."""
    report(charge_point, said("A", 1, 2), said("B", 1), said("C", 2))
    request, accepted = clear(
        charge_point,
        {"tariffId": "A", "status": "Accepted"},
        {"tariffId": "B", "status": "Rejected"},
        tariff_ids="A, B",
        evse_number=1,
    )
    assert request == {"tariffIds": ["A", "B"], "evseId": 1}
    assert accepted
    assert rows() == {"A": ("installed", [2]), "B": ("installed", [1]), "C": ("installed", [2])}
    request, accepted = clear(charge_point, {"tariffId": "C", "status": "Accepted"})
    assert request == {}
    assert rows()["C"] == ("cleared", [2])


def test_clearing_what_is_not_there(charge_point):
    """I10.FR.06: NoTariff without an id."""
    report(charge_point, said("A", 1), said("MSP", 1, kind="DriverTariff"))
    assert not clear(charge_point, {"status": "NoTariff"})[1]
    assert rows() == {"A": ("gone", [1]), "MSP": ("installed", [1])}


@pytest.mark.parametrize(
    ("status", "state"),
    [("Accepted", "installed"), ("TxNotFound", "refused"), ("NoCurrencyChange", "refused")],
)
def test_the_tariff_of_a_running_session_changes(charge_point, token, day, status, state):
    """I11.FR.01-08; the tariff goes with the session (I08.FR.06)."""
    bench = Bench(charge_point, "2.1")
    transaction = bench.begin()
    session = bench.session()
    command = placed(charge_point, "tariff_change", session=str(session.uid))
    action, request = built("2.1", command)
    assert (action, request["transactionId"]) == ("ChangeTransactionTariff", transaction.id)
    assert request["tariff"]["tariffId"] == f"DAY.1.s{session.pk}"
    assert answered("2.1", command, {"status": status}) is (status == "Accepted")
    row = ChargePointTariff.objects.get()
    assert (row.state, row.kind, row.session) == (state, "DriverTariff", session)
    bench.call(*transaction.stop(1000, NOW))
    tariffs_sweep(now=NOW)
    row.refresh_from_db()
    assert row.state == ("gone" if state == "installed" else state)


def test_a_session_must_be_named(charge_point, day):
    with pytest.raises(Invalid):
        placed(charge_point, "tariff_change")
    with pytest.raises(NotFound):
        placed(charge_point, "tariff_change", transaction_id="unknown")
