"""Tariffs: versions that never change, and which one a session is priced by."""

from datetime import timedelta

import pytest

from billing.models import TariffVersion
from billing.selectors.tariffs_in_force import tariffs_at_start
from billing.services.tariffs import (
    tariff_assign,
    tariff_assignment_end,
    tariff_create,
    tariff_version_create,
)
from emobility.lib.errors import Conflict, Invalid
from registry.models import Site
from tests.billing.builders import (
    ENERGY,
    FEE,
    LONG_AGO,
    START,
    charge_point,
    components,
    default_tariff,
    organization,
    running_session,
    tariff,
)

pytestmark = pytest.mark.django_db


def version_of(session) -> TariffVersion | None:
    choice = tariffs_at_start([session])[session.pk]
    return choice.version if choice else None


def test_charge_point_wins_over_site_and_site_over_organization():
    owner = organization()
    site = Site.objects.create(organization=owner, name="Yard")
    box = charge_point(owner, site=site)
    at_site, elsewhere = charge_point(owner, "BOX-2", site=site), charge_point(owner, "BOX-3")
    default_tariff(owner, tariff_id="ORG")
    for tariff_id, place in (("SITE", {"site": site}), ("BOX", {"charge_point": box})):
        made = tariff(owner, tariff_id=tariff_id)
        tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=START, **place)
    sessions = [running_session(each) for each in (box, at_site, elsewhere)]
    choices = tariffs_at_start(sessions)
    found = [choice.version.tariff.tariff_id for each in sessions if (choice := choices[each.pk])]
    assert found == ["BOX", "SITE", "ORG"]


def test_two_queries_find_the_versions_of_any_number_of_sessions(django_assert_max_num_queries):
    owner = organization()
    default_tariff(owner)
    sessions = [running_session(charge_point(owner, f"BOX-{number}")) for number in range(5)]
    with django_assert_max_num_queries(2):
        choices = tariffs_at_start(sessions)
        assert all(choice and choice.version.tariff.organization == owner for choice in choices.values())


def test_another_organizations_tariff_never_applies():
    default_tariff(organization("other"))
    assert version_of(running_session(charge_point(organization()))) is None


def test_session_keeps_the_version_that_was_in_force_when_it_began():
    """A new version is for later sessions; the one before can be worked out at any time."""
    owner = organization()
    made = default_tariff(owner)
    before = running_session(charge_point(owner))
    tariff_version_create(
        tariff=made,
        currency="EUR",
        elements=components(FEE),
        valid_from=START + timedelta(days=1),
        now=START,
    )
    after = running_session(charge_point(owner, "BOX-2"), started_at=START + timedelta(days=2))
    assert [version.number for each in (before, after) if (version := version_of(each))] == [1, 2]


def test_assignment_counts_only_while_it_is_valid():
    owner = organization()
    default_tariff(owner, tariff_id="OLD")
    new = tariff(owner, tariff_id="NEW")
    assignment = tariff_assign(organization=owner, tariff=new, valid_from=START, now=START)
    tariff_assignment_end(assignment=assignment, now=START + timedelta(hours=1))
    box = charge_point(owner)
    times = [START - timedelta(seconds=1), START, START + timedelta(hours=1)]
    found = [version_of(running_session(box, started_at=time)) for time in times]
    assert [version.tariff.tariff_id for version in found if version] == ["OLD", "NEW", "OLD"]


def test_assignment_without_a_valid_version_is_passed_over():
    owner = organization()
    box = charge_point(owner)
    default_tariff(owner, tariff_id="ORG")
    later = tariff(owner, tariff_id="BOX", valid_from=START + timedelta(days=9))
    tariff_assign(organization=owner, tariff=later, charge_point=box, valid_from=LONG_AGO, now=START)
    version = version_of(running_session(box))
    assert version is not None
    assert version.tariff.tariff_id == "ORG"


def test_version_cannot_be_changed():
    version = tariff(organization()).versions.get()
    version.currency = "SEK"
    with pytest.raises(Conflict):
        version.save()


def test_prices_as_text_are_stored_as_ocpi_numbers():
    version = tariff(organization(), ENERGY | {"price": "0.45", "vat": "19.0"}).versions.get()
    assert version.elements == [
        {"price_components": [{"type": "ENERGY", "price": 0.45, "vat": 19, "step_size": 1}]}
    ]


def test_tariff_id_is_taken_whatever_its_case():
    """OCPI CiString: upper and lower case are the same."""
    owner = organization()
    tariff(owner, tariff_id="Day")
    with pytest.raises(Conflict):
        tariff(owner, tariff_id="DAY")


def test_new_version_cannot_begin_in_the_past():
    made = tariff(organization())
    with pytest.raises(Invalid) as refused:
        tariff_version_create(
            tariff=made, currency="EUR", elements=components(FEE), valid_from=LONG_AGO, now=START
        )
    assert "valid_from" in refused.value.fields


def test_faulty_tariff_is_refused_and_leaves_nothing():
    owner = organization()
    with pytest.raises(Invalid) as refused:
        tariff_create(
            organization=owner,
            tariff_id="NIGHT",
            name="Night",
            currency="EUR",
            elements=[{"price_components": [ENERGY], "restrictions": {"start_time": "10 pm"}}],
            now=START,
        )
    assert "elements.0.restrictions.start_time" in refused.value.fields
    assert not owner.tariffs.exists()


def test_foreign_things_cannot_be_assigned():
    owner, other = organization(), organization("other")
    foreign = charge_point(other)
    with pytest.raises(Invalid) as refused:
        tariff_assign(organization=owner, tariff=tariff(owner), charge_point=foreign, now=START)
    assert set(refused.value.fields) == {"charge_point"}
