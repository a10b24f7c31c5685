"""T16 at REST: forged, foreign and ended tokens of people and machines are all 401; ended ones at once."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from registry.models import ChargePoint
from registry.models.user import Role
from registry.services.revocations import token_revoke, user_tokens_end
from registry.services.service_accounts import service_account_switch
from registry.services.service_tokens import service_token_issue
from registry.services.tokens import charge_point_token_issue
from tests.support.machines import machine, maker
from tests.support.registry import central_face, person

POINTS = "/api/charge-points/"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _status(token):
    return central_face(authorization=f"Bearer {token}").get(POINTS).status_code


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(user, **changes):
    claims = dict(AccessToken.for_user(user).payload) | changes
    return {name: value for name, value in claims.items() if value is not None}


def _signed(user, key=None, algorithm="HS256", **changes):
    return jwt.encode(_claims(user, **changes), key or settings.API_JWT_KEY, algorithm)


def _confused(user):
    """The PEM of a public key used as the HMAC secret."""
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(_claims(user))}"
    digest = base64.urlsafe_b64encode(hmac.digest(pem, text.encode(), "sha256")).rstrip(b"=")
    return f"{text}.{digest.decode()}"


def _charge_points(user):
    point = ChargePoint.objects.create(
        organization=user.organization, cp_id="CP-001", registered_at=datetime.now(UTC)
    )
    return charge_point_token_issue(point, datetime.now(UTC))[0]


def _disabled(user):
    token = AccessToken.for_user(user)
    user.is_active = False
    user.save()
    return token


def _old_version(user):
    token = AccessToken.for_user(user)
    user_tokens_end(user=user, now=datetime.now(UTC))
    return token


def _revoked(user):
    token = AccessToken.for_user(user)
    token_revoke(
        jti=token["jti"], expires_at=datetime.fromtimestamp(token["exp"], UTC), now=datetime.now(UTC)
    )
    return token


NOW = int(time.time())
FORGED = {
    "alg none": lambda user: f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(_claims(user))}.",
    "RS256": lambda user: _signed(user, PRIVATE, "RS256"),
    "RS/HS confusion": _confused,
    "another key": lambda user: _signed(user, "x" * 64),
    "the Registry's key": lambda user: _signed(user, settings.REGISTRY_SECRET_KEY),
    "expired": lambda user: _signed(user, exp=NOW - 60),
    "not yet": lambda user: _signed(user, nbf=NOW + 3600),
    "issued in the future": lambda user: _signed(user, iat=NOW + 3600),
    "another audience": lambda user: _signed(user, aud="ev-central"),
    "another issuer": lambda user: _signed(user, iss="ev-registry"),
    "a charge point's": _charge_points,
    "refresh as access": RefreshToken.for_user,
    "of a disabled person": _disabled,
    "of an old version": _old_version,
    "revoked by its id": _revoked,
}


def test_there_are_fifteen_of_them():
    assert len(FORGED) == 15


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_t16_a_forged_token_opens_nothing(organization, forge):
    user = person(organization, Role.ADMIN)
    assert _status(AccessToken.for_user(user)) == 200
    assert _status(forge(user)) == 401


def test_t16_a_persons_token_is_nobodys_at_the_registry_of_charge_points(organization):
    token = AccessToken.for_user(person(organization, Role.ADMIN))
    answer = central_face(authorization=f"Bearer {token}").post("/cp/register", {"cp_id": "CP-001"})
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "emobility"},
        {"aud": "ev-central"},
        {"ver": 2},
        {"sub": "nobody"},
        {"exp": NOW - 60},
        {"iat": NOW + 600},
    ],
    ids=["issuer", "audience", "version", "subject", "expired", "future"],
)
def test_t16_a_forged_token_of_a_machine_opens_nothing(organization, changes):
    account = machine(organization)
    token, _ = service_token_issue(account=account, actor=maker(account), now=datetime.now(UTC))
    assert _status(token) == 200
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    header = {"kid": jwt.get_unverified_header(token)["kid"]}
    assert _status(jwt.encode(claims, settings.API_JWT_KEY, "HS256", headers=header)) == 401
    assert _status(jwt.encode(claims, "x" * 64, "HS256", headers=header)) == 401


def test_t16_what_was_ended_is_ended_with_the_next_request(organization):
    """Nothing is remembered between requests: the rows decide, in every process."""
    account = machine(organization)
    token, _ = service_token_issue(
        account=account, lifetime=timedelta(hours=100), actor=maker(account), now=datetime.now(UTC)
    )
    service_account_switch(account=account, active=False, actor=maker(account), now=datetime.now(UTC))
    assert _status(token) == 401


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_log_out_ends_one_token_or_all(organization, everywhere):
    user = person(organization, Role.VIEWER)
    mine, other = AccessToken.for_user(user), AccessToken.for_user(user)
    body = {"token": str(mine), "everywhere": everywhere}
    assert central_face().post("/api/token/revoke", body).status_code == 204
    assert (_status(mine), _status(other)) == (401, 401 if everywhere else 200)
    assert central_face().post("/api/token/revoke", {"token": "nonsense"}).status_code == 204


def test_a_revoked_refresh_token_gives_no_access(organization):
    refresh = RefreshToken.for_user(person(organization, Role.VIEWER))
    central_face().post("/api/token/revoke", {"token": str(refresh)})
    assert central_face().post("/api/token/refresh", {"refresh": str(refresh)}).status_code == 401
