"""Tokens of charge points: what is accepted, and fifteen forgeries that are not (ASVS V9.1)."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.models import ChargePoint
from registry.services.tokens import (
    AUDIENCE,
    ISSUER,
    Deregistered,
    InvalidToken,
    charge_point_by_token,
    charge_point_token_issue,
    charge_point_token_verify,
    claims_to_be_ours,
    key_id,
    registry_token_verify,
)
from tests.support.registry import bearer, person

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def charge_point(organization):
    return ChargePoint.objects.create(
        organization=organization, cp_id="CP-001", location="Berlin", registered_at=NOW
    )


def _claims(**changes):
    stamp = int(NOW.timestamp())
    claims = {"sub": "CP-001", "iss": ISSUER, "aud": AUDIENCE, "jti": "a" * 32, "ver": 1}
    claims |= {"iat": stamp, "exp": stamp + 3600} | changes
    return {name: value for name, value in claims.items() if value is not None}


def _signed(settings, *, key=None, algorithm="HS256", kid=None, **changes):
    headers = {"kid": kid or key_id(settings.REGISTRY_SECRET_KEY)}
    return jwt.encode(_claims(**changes), key or settings.REGISTRY_SECRET_KEY, algorithm, headers=headers)


def _part(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _without_signature(settings):
    header = {"alg": "none", "typ": "JWT", "kid": key_id(settings.REGISTRY_SECRET_KEY)}
    return f"{_part(header)}.{_part(_claims())}."


def _signed_with_a_private_key(settings):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _signed(settings, key=private, algorithm="RS256")


def _public_key_as_hmac_secret(settings):
    """RS/HS confusion: the PEM of a public key used as the HMAC secret."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = _part({"alg": "HS256", "kid": key_id(settings.REGISTRY_SECRET_KEY)})
    signing_input = f"{header}.{_part(_claims())}".encode()
    signature = base64.urlsafe_b64encode(hmac.digest(pem, signing_input, "sha256"))
    return f"{signing_input.decode()}.{signature.rstrip(b'=').decode()}"


def _changed_payload(settings):
    header, _, signature = _signed(settings).split(".")
    return f"{header}.{_part(_claims(sub='CP-002'))}.{signature}"


def _of_a_person(settings):
    """A person's token carries another issuer, audience and key."""
    return bearer(person(None, "admin", is_superuser=True))["authorization"].removeprefix("Bearer ")


STAMP = int(NOW.timestamp())
FORGED = {
    "alg none": _without_signature,
    "RS256": _signed_with_a_private_key,
    "RS/HS confusion": _public_key_as_hmac_secret,
    "HS512": lambda settings: _signed(settings, algorithm="HS512", key=settings.REGISTRY_SECRET_KEY * 2),
    "another key": lambda settings: _signed(settings, key="x" * 64),
    "Django's key": lambda settings: _signed(settings, key=settings.SECRET_KEY),
    "another key with its own kid": lambda settings: _signed(settings, key="x" * 64, kid=key_id("x" * 64)),
    "changed payload": _changed_payload,
    "expired": lambda settings: _signed(settings, iat=STAMP - 7200, exp=STAMP - 31),
    "from the future": lambda settings: _signed(settings, iat=STAMP + 31, exp=STAMP + 3600),
    "longer than a week": lambda settings: _signed(settings, exp=STAMP + 8 * 24 * 3600),
    "another audience": lambda settings: _signed(settings, aud="emobility-api"),
    "another issuer": lambda settings: _signed(settings, iss="emobility"),
    "no jti": lambda settings: _signed(settings, jti=None),
    "a person's": _of_a_person,
}
DEFORMED = {
    "empty": lambda settings: "",
    "one part": lambda settings: "abc",
    "not base64": lambda settings: "ä.ö.ü",
    "10,000 characters": lambda settings: "a" * 10_000,
    "endless number": lambda settings: _signed(settings, exp=10**30),
    "version as text": lambda settings: _signed(settings, ver="1"),
    "version true": lambda settings: _signed(settings, ver=True),
    "audiences": lambda settings: _signed(settings, aud=[AUDIENCE, "other"]),
    "not before": lambda settings: _signed(settings, nbf=STAMP + 600),
    "no expiry": lambda settings: _signed(settings, exp=None),
}


def test_there_are_fifteen_forgeries():
    assert len(FORGED) == 15


@pytest.mark.parametrize("forge", [*FORGED.values(), *DEFORMED.values()], ids=[*FORGED, *DEFORMED])
def test_t16_forged_and_deformed_tokens_are_refused(settings, charge_point, forge):
    token = forge(settings)
    for verify in (charge_point_token_verify, registry_token_verify, charge_point_by_token):
        with pytest.raises(InvalidToken):
            verify(token, NOW)


def test_a_genuine_token_says_who_and_until_when(settings, charge_point):
    settings.REGISTRY_TOKEN_EXPIRATION_HOURS = 168
    token, expires_at = charge_point_token_issue(charge_point, NOW)
    assert expires_at == NOW + timedelta(hours=168)
    claims = charge_point_token_verify(token, NOW)
    assert (claims.subject, claims.version, claims.expires_at) == ("CP-001", 1, expires_at)
    assert charge_point_by_token(token, NOW) == charge_point
    assert claims_to_be_ours(token)


def test_two_tokens_of_one_second_differ_in_their_id(charge_point):
    first, second = (charge_point_token_issue(charge_point, NOW)[0] for _ in range(2))
    assert charge_point_token_verify(first, NOW).token_id != charge_point_token_verify(second, NOW).token_id


@pytest.mark.parametrize(("seconds", "good"), [(-30, True), (-31, False), (3629, True), (3630, False)])
def test_clocks_may_differ_by_30_seconds_at_most(settings, charge_point, seconds, good):
    token = _signed(settings)
    moment = NOW + timedelta(seconds=seconds)
    if good:
        assert charge_point_token_verify(token, moment).subject == "CP-001"
    else:
        with pytest.raises(InvalidToken):
            charge_point_token_verify(token, moment)


def test_a_key_is_replaced_without_ending_the_tokens_of_the_previous_one(settings, charge_point):
    token, _ = charge_point_token_issue(charge_point, NOW)
    previous = settings.REGISTRY_SECRET_KEY
    settings.REGISTRY_SECRET_KEY = settings.CENTRAL_REGISTRY_SECRET_KEY = "n" * 64
    with pytest.raises(InvalidToken):
        charge_point_token_verify(token, NOW)
    settings.REGISTRY_PREVIOUS_SECRET_KEYS = [previous]
    assert charge_point_token_verify(token, NOW).subject == "CP-001"
    fresh, _ = charge_point_token_issue(charge_point, NOW)
    assert jwt.get_unverified_header(fresh)["kid"] == key_id("n" * 64)


def test_central_checks_with_its_own_copy_of_the_key(settings, charge_point):
    token, _ = charge_point_token_issue(charge_point, NOW)
    settings.CENTRAL_REGISTRY_SECRET_KEY = "c" * 64
    with pytest.raises(InvalidToken):
        charge_point_token_verify(token, NOW)
    assert registry_token_verify(token, NOW).subject == "CP-001"


def test_a_raised_version_ends_older_tokens_at_once(charge_point):
    token, _ = charge_point_token_issue(charge_point, NOW)
    ChargePoint.objects.update(token_version=2)
    with pytest.raises(InvalidToken):
        charge_point_by_token(token, NOW)


def test_a_deregistered_or_vanished_charge_point_has_no_token(charge_point):
    token, _ = charge_point_token_issue(charge_point, NOW)
    ChargePoint.objects.update(status="DEREGISTERED")
    with pytest.raises(Deregistered):
        charge_point_by_token(token, NOW)
    ChargePoint.objects.all().delete()
    with pytest.raises(InvalidToken):
        charge_point_by_token(token, NOW)
