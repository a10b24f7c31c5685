"""OCPI's tariffs in the form of OCPP 2.1 (part 2 §2.95-2.104): every restriction, what cannot be said."""

from decimal import Decimal

import pytest

from central.ocpp.schemas import validate_request
from central.ocpp.tariffs import tariff_2_1, unit_prices
from central.ports import TariffOffer
from tests.support.handlers import NOW


def offer(*elements, **more):
    ocpi = {"elements": list(elements)} | more
    return TariffOffer("T1", 3, "Day", "0.50 EUR/kWh", "EUR", ocpi)


def element(kind="ENERGY", price="0.5", vat=19, **restrictions):
    component = {"type": kind, "price": price, "step_size": 1} | ({} if vat is None else {"vat": vat})
    return {"price_components": [component], "restrictions": restrictions or None}


def stepped(kind, price, step):
    return {"price_components": [{"type": kind, "price": price, "step_size": step}]}


def made(*elements, **more):
    tariff = tariff_2_1(offer(*elements, **more))
    validate_request("2.1", "SetDefaultTariff", {"evseId": 0, "tariff": tariff})
    return tariff


def test_a_plain_tariff():
    assert made(element()) == {
        "tariffId": "T1.3",
        "currency": "EUR",
        "description": [{"format": "UTF8", "content": "0.50 EUR/kWh"}],
        "energy": {"taxRates": [{"type": "vat", "tax": 19}], "prices": [{"priceKwh": 0.5}]},
    }


def test_prices_of_time_are_for_minutes():
    tariff = made(element("TIME", "6"), element("PARKING_TIME", "1"), element("FLAT", "1.5"))
    assert tariff["chargingTime"]["prices"] == [{"priceMinute": 0.1}]
    assert tariff["idleTime"]["prices"] == [{"priceMinute": 0.016667}]
    assert tariff["fixedFee"]["prices"] == [{"priceFixed": 1.5}]


def test_no_tax_is_not_a_tax_of_nothing():
    assert "taxRates" not in made(element(vat=None))["energy"]
    assert made(element(vat=0))["energy"]["taxRates"] == [{"type": "vat", "tax": 0}]


def test_the_order_of_elements_stays_and_each_has_its_conditions():
    day = {
        "start_time": "08:00",
        "end_time": "18:00",
        "start_date": "2026-01-01",
        "end_date": "2027-01-01",
        "day_of_week": ["MONDAY", "SUNDAY"],
        "min_kwh": 1.5,
        "max_kwh": 20,
        "min_current": 6,
        "max_current": 32,
        "min_power": 0,
        "max_power": 11,
        "min_duration": 60,
        "max_duration": 3600,
    }
    prices = made(element(price="0.4", **day), element(price="0.3"))["energy"]["prices"]
    assert prices == [
        {
            "priceKwh": 0.4,
            "conditions": {
                "startTimeOfDay": "08:00",
                "endTimeOfDay": "18:00",
                "validFromDate": "2026-01-01",
                "validToDate": "2027-01-01",
                "dayOfWeek": ["Monday", "Sunday"],
                "minEnergy": 1500,
                "maxEnergy": 20000,
                "minCurrent": 6,
                "maxCurrent": 32,
                "minPower": 0,
                "maxPower": 11000,
                "minTime": 60,
                "maxTime": 3600,
            },
        },
        {"priceKwh": 0.3},
    ]


def test_reservations_have_prices_of_their_own():
    tariff = made(
        element("TIME", "6", reservation="RESERVATION"), element("FLAT", "2", reservation="RESERVATION")
    )
    assert tariff["reservationTime"]["prices"] == [{"priceMinute": 0.1}]
    assert tariff["reservationFixed"]["prices"] == [{"priceFixed": 2}]


def test_limits_places_and_times():
    tariff = tariff_2_1(
        offer(element(), min_price={"excl_vat": 1, "incl_vat": 1.19}, max_price={"excl_vat": 50}),
        place=".e2",
        valid_from=NOW,
    )
    assert (tariff["minCost"], tariff["maxCost"]) == ({"exclTax": 1, "inclTax": 1.19}, {"exclTax": 50})
    assert (tariff["tariffId"], tariff["validFrom"]) == ("T1.3.e2", "2026-03-02T12:00:00.000Z")


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ([element(vat=19), element(vat=7, start_time="08:00")], "one tax"),
        ([element("FLAT", "1", min_kwh=5)], "fixed price"),
        ([element("TIME", "1", reservation="RESERVATION_EXPIRES")], "expire"),
        ([element("ENERGY", "1", reservation="RESERVATION")], "no price"),
        ([element("CARBON", "1")], "no price"),
        ([element(phase_of_moon=1)], "no condition"),
        ([stepped("ENERGY", "0.5", 100)], "no step sizes"),
        ([stepped("PARKING_TIME", "2", 60)], "no step sizes"),
    ],
)
def test_what_ocpp_cannot_say_is_told(elements, why):
    with pytest.raises(ValueError, match=why):
        tariff_2_1(offer(*elements))


def test_steps_of_a_fee_or_of_nothing_do_not_matter():
    tariff = made(stepped("FLAT", "1", 60), stepped("ENERGY", "0.5", 1), stepped("TIME", "0", 60))
    assert sorted(set(tariff) & {"fixedFee", "energy", "chargingTime"}) == [
        "chargingTime",
        "energy",
        "fixedFee",
    ]


def test_prices_for_drivers_are_with_tax_and_without_conditions():
    found = unit_prices(offer(element(price="9", start_time="08:00"), element(), element(price="1")))
    assert found == {"ENERGY": Decimal("0.595")}
