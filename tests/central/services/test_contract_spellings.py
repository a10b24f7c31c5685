"""An eMAID is the same contract with hyphens and without (ISO 15118-2 annex H)."""

import pytest

from central.services.authorization import authorize
from tests.support.handlers import NOW, token_create

pytestmark = pytest.mark.django_db

PLAIN, PARTED = "DEABCC12345678X", "DE-ABC-C12345678-X"


def status(charge_point, uid, token_type="eMAID"):
    return authorize(charge_point_id=charge_point.pk, uid=uid, token_type=token_type, now=NOW).status


@pytest.mark.parametrize("kept", [PLAIN, PARTED, "DE-ABC-C12345678X"])
@pytest.mark.parametrize("shown", [PLAIN, PARTED, PARTED.lower(), "DE-ABCC12345678-X"])
@pytest.mark.parametrize("token_type", ["eMAID", ""])
def test_a_contract_is_found_however_it_is_written(organization, charge_point, kept, shown, token_type):
    token_create(organization, kept, token_type="eMAID")
    assert status(charge_point, shown, token_type) == "Accepted"


def test_a_blocked_contract_is_blocked_in_each_spelling(organization, charge_point):
    token_create(organization, PARTED, token_type="eMAID", blocked=True)
    assert status(charge_point, PLAIN) == "Blocked"


def test_the_contract_that_is_written_just_so_goes_first(organization, charge_point):
    token_create(organization, PARTED, token_type="eMAID", blocked=True)
    token_create(organization, PLAIN, token_type="eMAID")
    assert status(charge_point, PLAIN) == "Accepted"


@pytest.mark.parametrize(
    ("kept", "kind", "token_type"),
    [(PARTED, "ISO14443", ""), (PARTED, "eMAID", "ISO14443"), ("DE-ABC-C12345678-Y", "eMAID", "eMAID")],
    ids=["a card in 1.6", "shown as a card", "another contract"],
)
def test_what_is_no_contract_or_another_one_is_not_found(organization, charge_point, kept, kind, token_type):
    token_create(organization, kept, token_type=kind)
    assert status(charge_point, PLAIN, token_type) == "Invalid"


def test_a_contract_of_another_organisation_stays_its_own(stranger_organization, charge_point):
    token_create(stranger_organization, PARTED, token_type="eMAID")
    assert status(charge_point, PLAIN) == "Invalid"
