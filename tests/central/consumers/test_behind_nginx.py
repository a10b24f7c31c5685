"""The proxy of the production shape, a real nginx: security profiles 2 and 3; nobody forges a header."""

from datetime import UTC, datetime
from urllib.parse import quote

import httpx2
import pytest

from central.models import IssuedCertificate
from central.services.authorities import Policy, authority_generate
from registry.models import ChargePoint, Event
from tests.support.charge_point import Refused, plug_in
from tests.support.handlers import Bench
from tests.support.pki import key, make_csr
from tests.support.proxy import NGINX, Proxy, client_context
from tests.support.registry import make_certificate

pytestmark = [pytest.mark.integration, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]


@pytest.fixture
def proxy(server, settings, tmp_path):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    with Proxy(server, tmp_path) as running:
        yield running


@pytest.fixture
def certified(enrolled):
    """The TLS of a charge point whose certificate its organisation's own authority signed; and the PEM."""
    now, private = datetime.now(UTC), key()
    authority_generate(organization=enrolled.row.organization, policy=Policy("Amber CA"), now=now)
    csr = make_csr(enrolled.cp_id, "Amber", signer=private)
    assert Bench(enrolled.row, "1.6", now).call("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    pem = IssuedCertificate.objects.get().certificate_pem
    return client_context(pem, private), pem


def boots(url, enrolled, password, tls, **options):
    """True where it gets in and boots."""
    with plug_in(url, enrolled.cp_id, password, tls=tls, **options) as charger:
        return charger.boot()["status"] == "Accepted"


def refused(url, enrolled, password, tls, **options):
    """The status with which it stays outside."""
    with pytest.raises(Refused) as answer:
        boots(url, enrolled, password, tls, **options)
    return answer.value.status


def test_a_password_over_tls_is_profile_2(proxy, enrolled):
    assert boots(proxy.wss(), enrolled, enrolled.secret, client_context())
    assert ChargePoint.objects.get().security_profile == 2
    assert refused(proxy.wss(), enrolled, "wrong", client_context()) == 401


def test_t10_a_certificate_of_its_own_is_profile_3(proxy, enrolled, certified):
    """OCPP 2.0.1 part 2, A00.FR.4xx: the handshake proves the key, Central the name and the signature."""
    tls, _pem = certified
    assert boots(proxy.wss("certified"), enrolled, None, tls)
    assert ChargePoint.objects.get().security_profile == 3
    assert refused(proxy.wss(), enrolled, enrolled.secret, client_context()) == 401


def test_t10_another_certificate_or_none_stays_outside(proxy, enrolled, certified):
    private = key()
    own = client_context(make_certificate(key=private, name=enrolled.cp_id), private)
    assert refused(proxy.wss("certified"), enrolled, None, own) == 401
    assert refused(proxy.wss("certified"), enrolled, None, client_context()) == 401
    assert Event.objects.filter(kind="security.client_certificate_refused").exists()


@pytest.mark.parametrize("port", ["central", "certified"])
def test_t10_nobody_speaks_of_a_certificate_in_a_header(proxy, enrolled, certified, port):
    _tls, pem = certified
    forged = {"X-SSL-Client-Cert": quote(pem), "X-Client-Cert": quote(pem), "X-SSL-Client-Verify": "SUCCESS"}
    assert refused(proxy.wss(port), enrolled, None, client_context(), headers=forged) == 401


def test_pages_and_registry_answer_and_plain_http_leads_to_https(proxy, enrolled):
    with httpx2.Client(verify=False) as client:
        assert client.get(proxy.https("central", "/api/health")).status_code == 200
        assert client.get(proxy.https("registry", "/health")).status_code == 200
        assert client.get(proxy.https("certified", "/admin/login/")).status_code == 404
        plain = client.get(f"http://127.0.0.1:{proxy.ports['plain']}/admin/", follow_redirects=False)
        assert (plain.status_code, plain.headers["location"][:8]) == (301, "https://")
