"""Secrets of charge points."""

import pytest

from registry.models import ChargePoint
from registry.services.credentials import (
    Candidate,
    credential_candidate,
    credential_generate,
    credential_hash,
    credential_matches,
    credential_promote,
)


def _holding(secret: str = "", pending: str = "") -> ChargePoint:
    return ChargePoint(
        credential_hash=credential_hash(secret) if secret else "",
        pending_credential_hash=credential_hash(pending) if pending else "",
    )


def test_a_secret_is_40_hex_characters_and_never_twice_the_same():
    """It fits OCPP 1.6 AuthorizationKey (at most 40) and 2.0.1 BasicAuthPassword (16 to 40)."""
    made = {credential_generate() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 40 and bytes.fromhex(secret) for secret in made)


def test_what_is_stored_tells_nothing_of_the_secret_and_is_salted():
    secret = credential_generate()
    first, second = credential_hash(secret), credential_hash(secret)
    assert first != second
    assert secret not in first


def test_the_right_secret_fits_and_others_do_not():
    secret = credential_generate()
    charge_point = _holding(secret)
    assert credential_matches(charge_point, secret)
    wrong = ["", " ", secret[:-1], secret + "0", secret.upper() + "x", credential_generate(), "\ud800", "ü"]
    assert not any(credential_matches(charge_point, other) for other in wrong)


def test_ocpp16_key_fits_as_hex_text_and_as_the_decoded_bytes():
    """OCPP 1.6 security whitepaper: the key is hex, some charge points send the bytes it stands for."""
    secret = credential_generate()
    charge_point = _holding(secret)
    raw = bytes.fromhex(secret)
    assert credential_matches(charge_point, secret.encode())
    assert credential_matches(charge_point, raw)
    assert credential_matches(charge_point, raw.decode("latin-1"))
    assert not credential_matches(charge_point, raw[::-1])


@pytest.mark.parametrize("secret", ["", "0" * 40, b"\x00" * 20, "None"])
def test_nobody_and_a_charge_point_without_secret_fit_nothing(secret):
    assert not credential_matches(None, secret)
    assert not credential_matches(ChargePoint(), secret)


def test_the_pepper_belongs_to_the_hash(settings):
    secret = credential_generate()
    charge_point = _holding(secret)
    settings.CREDENTIAL_PEPPER = "another pepper of at least 32 characters"
    assert not credential_matches(charge_point, secret)


def test_during_a_rotation_both_candidates_fit_until_the_new_one_is_proved(organization):
    old, new = credential_generate(), credential_generate()
    charge_point = _holding(old, new)
    charge_point.cp_id, charge_point.organization = "CP-1", organization
    charge_point.registered_at = organization.created_at
    charge_point.save()
    assert credential_candidate(charge_point, old) is Candidate.CURRENT
    assert credential_candidate(charge_point, new) is Candidate.PENDING
    assert credential_promote(charge_point)
    charge_point.refresh_from_db()
    assert credential_matches(charge_point, new)
    assert not credential_matches(charge_point, old)
    assert not credential_promote(charge_point)
