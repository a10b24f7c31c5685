"""Our tariffs as partners get them, in each version (OCPI 2.1.1 tariffs §3, 2.2.1 §11, 2.3.0)."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from billing.models import TariffAssignment
from billing.services.tariffs import tariff_assign, tariff_assignment_end, tariff_version_create
from ocpi.core.money_objects import TARIFF
from ocpi.services.outbox_published import published_offer
from ocpi.services.published import tariffs_publish
from registry.models import Organization
from tests.billing import builders
from tests.ocpi.pushing import push_all
from tests.ocpi.rows import NOW, VERSIONS, Asker, organization, partner
from tests.support.partner import ScriptedPartner

pytestmark = pytest.mark.django_db


@pytest.fixture
def cpo() -> Organization:
    return organization("CPO")


def told(settings: LazySettings, cpo: Organization, version: str) -> dict[str, Any]:
    """The one tariff of the list, right by the tables of its version."""
    (found,) = Asker(partner(cpo, "EMSP", version), settings).data("GET", "sender/tariffs")
    TARIFF.parse(found, version)
    assert TARIFF.cut(found, version) == found
    result: dict[str, Any] = found
    return result


@pytest.mark.parametrize("version", VERSIONS)
def test_a_tariff_is_told_in_each_version(settings: LazySettings, cpo: Organization, version: str) -> None:
    """Limits and taxes as each version has them; 2.1.1 knows no VAT and no limits."""
    limits = {"min_price": {"excl_vat": 1, "incl_vat": 1.2}, "max_price": {"excl_vat": 30}}
    builders.default_tariff(cpo, **limits)
    found = told(settings, cpo, version)
    part = found["elements"][0]["price_components"][0]
    assert (found["id"], found["currency"], part["type"], part["price"]) == ("T1", "EUR", "ENERGY", 0.5)
    assert ("vat" in part) == (version != "2.1.1")
    assert (
        found.get("min_price")
        == {
            "2.1.1": None,
            "2.2.1": {"excl_vat": 1, "incl_vat": 1.2},
            "2.3.0": {"before_taxes": 1, "after_taxes": 1.2},
        }[version]
    )
    assert found.get("tax_included") == ("NO" if version == "2.3.0" else None)


@pytest.mark.parametrize("version", VERSIONS)
def test_prices_are_before_taxes_where_a_version_knows_no_others(
    settings: LazySettings, cpo: Organization, version: str
) -> None:
    """2.3.0 PriceComponent.price includes taxes where tax_included says so; 2.2.1 and 2.1.1 never do."""
    part = {"type": "ENERGY", "price": 0.6, "vat": 20, "step_size": 1}
    builders.default_tariff(cpo, part, tax_included="YES")
    price = told(settings, cpo, version)["elements"][0]["price_components"][0]["price"]
    assert price == (0.6 if version == "2.3.0" else 0.5)


def test_conditions_that_2_1_1_cannot_say_are_not_dropped(settings: LazySettings, cpo: Organization) -> None:
    """Without its restriction an element would always hold: it is left out, and the text says so."""
    elements: list[dict[str, Any]] = [
        {"price_components": [builders.ENERGY], "restrictions": {"min_current": 32}},
        {"price_components": [builders.FEE]},
    ]
    made = builders.default_tariff(cpo)
    tariff_version_create(tariff=made, currency="EUR", elements=elements, valid_from=NOW, now=NOW)
    ask = Asker(partner(cpo, "EMSP", "2.1.1"), settings)
    (found,) = ask.data("GET", "sender/tariffs")
    assert [each["price_components"][0]["type"] for each in found["elements"]] == ["FLAT"]


def test_only_what_is_in_force_is_told(settings: LazySettings, cpo: Organization) -> None:
    """A tariff that holds nowhere is no offer."""
    builders.tariff(cpo, tariff_id="IDLE")
    builders.default_tariff(cpo)
    assert told(settings, cpo, "2.3.0")["id"] == "T1"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_change_is_put_and_an_end_is_deleted(
    cpo: Organization, scripted: ScriptedPartner, version: str
) -> None:
    """§11.2.2: nothing is sent for what did not change."""
    scripted.version = version
    who, made = partner(cpo, "EMSP", version, scripted.url()), builders.tariff(cpo)
    assignment = tariff_assign(organization=cpo, tariff=made, valid_from=builders.LONG_AGO, now=NOW)

    def look(minute: int) -> None:
        now = NOW + timedelta(minutes=minute)
        published_offer(rows=tariffs_publish(organization=cpo, now=now), now=now)
        push_all(now, who)

    look(0)
    look(1)
    dearer = builders.components({**builders.ENERGY, "price": 0.7})
    tariff_version_create(tariff=made, currency="EUR", elements=dearer, now=NOW + timedelta(minutes=2))
    look(3)
    tariff_assignment_end(assignment=assignment, now=NOW + timedelta(minutes=4))
    look(5)
    assert TariffAssignment.objects.exists()
    assert [item.method for item in scripted.requests] == ["PUT", "PUT", "DELETE"]
    prices = [item.body["elements"][0]["price_components"][0]["price"] for item in scripted.requests[:2]]
    assert prices == [0.5, 0.7]
    assert {item.path for item in scripted.requests} == {f"/{version}/tariffs/DE/EMP/T1"}
