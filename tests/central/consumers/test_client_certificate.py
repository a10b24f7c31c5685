"""T10: where certificates are required, only the own one lets in, and only a trusted proxy speaks of it."""

import base64
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from central.consumers.authentication import Refused, admit, knock_of
from registry.models import Organization
from tests.support.registry import BERLIN, bearer, make_certificate, person, registry_face

PROXY = "10.0.0.1"


@pytest.fixture
def certificate():
    return make_certificate()


@pytest.fixture
def enrolled(db, settings, certificate):
    settings.REGISTRY_REQUIRE_CERTIFICATE = True
    settings.TRUSTED_PROXIES = [PROXY]
    organization = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    registry = registry_face(**bearer(person(organization, "operator")))
    return registry.post("/cp/register", BERLIN | {"certificate_pem": certificate}).json()


def _admit(authorization: str, *, peer: str, certificate: str = "", **headers: str):
    pairs = {"authorization": authorization, "x-forwarded-proto": "https", **headers}
    if certificate:
        pairs["x-ssl-client-cert"] = quote(certificate)
    encoded = [(name.encode(), value.encode()) for name, value in pairs.items()]
    scope = {"headers": encoded, "client": (peer, 4711), "scheme": "ws"}
    return admit(knock_of(scope, "CP-001"), datetime.now(UTC))


def _ways(enrolled) -> list[str]:
    basic = base64.b64encode(f"CP-001:{enrolled['credentials']}".encode()).decode()
    return [f"Basic {basic}", f"Bearer {enrolled['token']}"]


def test_with_its_own_certificate_it_comes_in(enrolled, certificate):
    for way in _ways(enrolled):
        assert _admit(way, peer=PROXY, certificate=certificate).cp_id == "CP-001"


def test_without_with_anothers_or_with_a_forged_header_it_does_not(enrolled, certificate):
    for way in _ways(enrolled):
        for peer, shown in ((PROXY, ""), (PROXY, make_certificate()), ("203.0.113.5", certificate)):
            with pytest.raises(Refused) as refused:
                _admit(way, peer=peer, certificate=shown)
            assert refused.value.status == 401


def test_a_fingerprint_in_a_header_is_no_certificate(enrolled, certificate):
    known = registry_face(authorization=f"Bearer {enrolled['token']}").get("/cp/CP-001").json()
    claimed = {"x-client-certificate-fingerprint": known["certificate_fingerprint"]}
    with pytest.raises(Refused):
        _admit(_ways(enrolled)[0], peer=PROXY, **claimed)
