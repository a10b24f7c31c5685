"""Plug and charge: what cars ask, in 2.x and inside 1.6 DataTransfer; handlers read what errands kept."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from central.models import IssuedCertificate, PlugAndChargeRequest, TrustedCertificate
from central.ocpp.errands import errand_of
from central.ocpp.router import ACTIONS
from central.ocpp.schemas import validate_request, validate_response
from central.services.authorities import Policy, authority_generate, trusted_fill
from emobility.lib import pki
from tests.support import contracts
from tests.support.handlers import NOW, Bench, token_create
from tests.support.pki import YEAR, Ca, key, leave, make_csr, name, settle
from tests.support.responder import responding

pytestmark = pytest.mark.django_db
EMAID = "DE8AACA2B3C4D5"
VENDOR = "org.openchargealliance.iso15118pnc"


@pytest.fixture
def ca():
    return Ca.make("Mobility")


@pytest.fixture
def responder(ca, settings):
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    with responding(ca, NOW) as running:
        yield running


@pytest.fixture
def trusted(organization, ca):
    row = TrustedCertificate(
        organization=organization, name="M", certificate_type="MORootCertificate", certificate_pem=ca.pem
    )
    trusted_fill(row)
    row.save()


def serve(charge_point, version, action, request, now=NOW):
    """Errand, then handler, as the consumer runs them."""
    ctx = Bench(charge_point, version, now).context()
    validate_request(version, action, request)
    run = errand_of(version, action, request)
    if run is not None:
        run(ctx, request)
    entry = ACTIONS[version, action]
    assert entry.handle is not None
    answer = entry.handle(ctx, request)
    validate_response(version, action, answer)
    return answer


def ask(charge_point, version, action, request, now=NOW):
    """The same in the way of the version: 1.6 wraps it in DataTransfer."""
    if version != "1.6":
        return serve(charge_point, version, action, request, now)
    outer = {"vendorId": VENDOR, "messageId": action, "data": json.dumps(request)}
    answer = serve(charge_point, "1.6", "DataTransfer", outer, now)
    assert answer["status"] == "Accepted", answer
    return json.loads(answer["data"])


def hashes(ca, leaf, url=None):
    named = pki.hash_data(leaf, ca.certificate)
    data = {
        "hashAlgorithm": named.hash_algorithm,
        "issuerNameHash": named.issuer_name_hash,
        "issuerKeyHash": named.issuer_key_hash,
        "serialNumber": named.serial_number,
    }
    return data | ({"responderURL": url} if url else {})


def contract(ca, url="", emaid=EMAID, lifetime=YEAR, now=NOW):
    """A contract certificate that says where its status is asked, as PEM."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(emaid))
        .issuer_name(ca.certificate.subject)
        .public_key(key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + lifetime)
    )
    if url:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    return pki.pem_of(builder.sign(ca.key, SHA256()))


# --- GetCertificateStatus, GetCertificateChainStatus ----------------------------------------------


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_m06_the_responders_answer_is_handed_on_as_it_is(charge_point, ca, responder, version):
    leaf = ca.issue("SECC")
    request = {"ocspRequestData": hashes(ca, leaf, responder.url)}
    for _ in range(2):
        answer = ask(charge_point, version, "GetCertificateStatus", request)
        assert answer["status"] == "Accepted"
        read = ocsp.load_der_ocsp_response(base64.b64decode(answer["ocspResult"]))
        assert read.serial_number == leaf.serial_number
    assert responder.asked == 1
    assert [row.status for row in PlugAndChargeRequest.objects.all()] == ["Accepted", "Accepted"]


def test_m06_a_revoked_certificate_is_an_answer_and_no_answer_is_failed(charge_point, ca, responder):
    responder.status = ocsp.OCSPCertStatus.REVOKED
    request = {"ocspRequestData": hashes(ca, ca.issue("SECC"), responder.url)}
    assert ask(charge_point, "2.0.1", "GetCertificateStatus", request)["status"] == "Accepted"
    responder.http_status = 500
    request = {"ocspRequestData": hashes(ca, ca.issue("OTHER"), responder.url)}
    answer = ask(charge_point, "2.0.1", "GetCertificateStatus", request)
    assert (answer["status"], "500" in answer["statusInfo"]["additionalInfo"]) == ("Failed", True)
    assert "500" in PlugAndChargeRequest.objects.latest("id").problem


def test_m06_without_its_errand_a_handler_asks_nobody(charge_point, ca, responder):
    request = {"ocspRequestData": hashes(ca, ca.issue("SECC"), responder.url)}
    answer = Bench(charge_point, "2.1").call("GetCertificateStatus", request)
    assert (answer["status"], responder.asked) == ("Failed", 0)


def test_m07_each_certificate_of_a_chain_has_its_status(charge_point, ca, responder, trusted):
    good, listed = ca.issue("CAR"), ca.issue("SUB")
    responder.revoked = [listed.serial_number]
    request = {
        "certificateStatusRequests": [
            {"certificateHashData": hashes(ca, good), "source": "OCSP", "urls": [responder.url]},
            {"certificateHashData": hashes(ca, listed), "source": "CRL", "urls": [responder.url]},
            {"certificateHashData": hashes(ca, ca.issue("X")), "source": "CRL", "urls": ["ftp://x.example/"]},
        ]
    }
    found = ask(charge_point, "2.1", "GetCertificateChainStatus", request)["certificateStatus"]
    assert [(each["source"], each["status"]) for each in found] == [
        ("OCSP", "Good"),
        ("CRL", "Revoked"),
        ("CRL", "Failed"),
    ]
    assert PlugAndChargeRequest.objects.get().answer == "Good, Revoked, Failed"


# --- Get15118EVCertificate ------------------------------------------------------------------------


def wish(exi="exi", **fields):
    return {
        "iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef",
        "action": "Install",
        "exiRequest": exi,
    } | fields


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_m01_the_providers_contract_is_handed_on_and_kept(charge_point, settings, version):
    settings.ISO15118_CONTRACT_PROVIDER = "tests.support.contracts.provider"
    answer = ask(charge_point, version, "Get15118EVCertificate", wish())
    assert answer == {"status": "Accepted", "exiResponse": "contract-1"}
    asked = contracts.ASKED[-1]
    assert (asked.cp_id, asked.action, asked.exi_request) == (charge_point.cp_id, "Install", "exi")
    row = PlugAndChargeRequest.objects.get()
    assert (row.status, row.answer) == ("Accepted", "contract-1")


@pytest.mark.parametrize(
    ("provider", "exi", "problem"),
    [
        ("", "exi", "No provider"),
        ("tests.support.contracts.provider", "none", "No contract for this car."),
        ("tests.support.contracts.provider", "broken", "RuntimeError"),
        ("tests.support.contracts.nothing", "exi", "ImportError"),
    ],
)
def test_m01_without_a_contract_it_fails_and_tells_why(charge_point, settings, provider, exi, problem):
    settings.ISO15118_CONTRACT_PROVIDER = provider
    answer = ask(charge_point, "2.0.1", "Get15118EVCertificate", wish(exi))
    assert (answer["status"], answer["exiResponse"]) == ("Failed", "")
    assert problem in PlugAndChargeRequest.objects.get().problem


def test_m01_several_contracts_are_handed_on_one_by_one(charge_point, settings):
    """2.1 M01.FR.04, FR.06, FR.07: the same request again asks for the next."""
    settings.ISO15118_CONTRACT_PROVIDER = "tests.support.contracts.provider"
    given = [
        ask(charge_point, "2.1", "Get15118EVCertificate", wish(maximumContractCertificateChains=5))
        for _ in range(4)
    ]
    assert [(each["exiResponse"], each["remainingContracts"]) for each in given] == [
        ("contract-1", 2),
        ("contract-2", 1),
        ("contract-3", 0),
        ("contract-1", 2),
    ]


# --- Authorize with a contract --------------------------------------------------------------------


def authorize(charge_point, version, now=NOW, **fields):
    request = {"idToken": {"idToken": EMAID, "type": "eMAID"}} | fields
    answer = ask(charge_point, version, "Authorize", request, now)
    return answer.get("certificateStatus"), answer["idTokenInfo"]["status"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_c07_by_hash_data(organization, charge_point, ca, responder, version):
    token_create(organization, EMAID, token_type="eMAID")
    data = [hashes(ca, ca.issue(EMAID), responder.url), hashes(ca, ca.issue("SUB"), responder.url)]
    assert authorize(charge_point, version, iso15118CertificateHashData=data) == ("Accepted", "Accepted")
    responder.status = ocsp.OCSPCertStatus.REVOKED
    data = [hashes(ca, ca.issue(EMAID), responder.url)]
    found = authorize(charge_point, version, iso15118CertificateHashData=data)
    assert found == ("CertificateRevoked", "Invalid")
    responder.http_status = 500
    data = [hashes(ca, ca.issue(EMAID), responder.url)]
    found = authorize(charge_point, version, iso15118CertificateHashData=data)
    assert found == ("CertChainError", "Invalid")


def test_c07_an_unknown_contract_with_a_good_certificate_is_cancelled(charge_point, ca, responder):
    data = [hashes(ca, ca.issue(EMAID), responder.url)]
    found = authorize(charge_point, "2.0.1", iso15118CertificateHashData=data)
    assert found == ("ContractCancelled", "Invalid")


def test_c07_by_certificate(organization, charge_point, ca, responder, trusted):
    token_create(organization, EMAID, token_type="eMAID")
    cases = [
        (contract(ca, responder.url), ("Accepted", "Accepted")),
        (contract(ca, responder.url, emaid="DE-8AA-CA2B3C4D5"), ("Accepted", "Accepted")),
        (contract(ca, responder.url, emaid="DE8AACXXXXXXXX"), ("CertChainError", "Invalid")),
        (contract(ca, responder.url, lifetime=timedelta(hours=-1)), ("CertificateExpired", "Expired")),
        (contract(Ca.make("Mobility"), responder.url), ("CertChainError", "Invalid")),
        (contract(ca), ("CertChainError", "Invalid")),
        ("nonsense", ("CertChainError", "Invalid")),
    ]
    for pem, expected in cases:
        assert authorize(charge_point, "2.0.1", certificate=pem) == expected


# --- 1.6 ------------------------------------------------------------------------------------------


def test_in_1_6_a_certificate_for_cars_is_asked_for_and_delivered_inside_data_transfer(
    organization, charge_point
):
    authority_generate(organization=organization, policy=Policy("V2G", use="v2g"), now=NOW)
    answer = ask(charge_point, "1.6", "SignCertificate", {"csr": make_csr("SECC-1")})
    assert answer == {"status": "Accepted"}
    order = leave(charge_point, "1.6")
    assert (order.action, order.payload["messageId"]) == ("DataTransfer", "CertificateSigned")
    inside = json.loads(order.payload["data"])
    assert inside["certificateType"] == "V2GCertificate"
    settle(order, {"status": "Accepted", "data": '{"status":"Accepted"}'})
    assert IssuedCertificate.objects.get().state == "active"


def test_in_1_6_the_contract_may_come_without_its_type(organization, charge_point, ca, responder):
    token_create(organization, EMAID, token_type="eMAID")
    data = [hashes(ca, ca.issue(EMAID), responder.url)]
    request = {"idToken": EMAID, "iso15118CertificateHashData": data}
    answer = ask(charge_point, "1.6", "Authorize", request)
    assert answer["certificateStatus"] == "Accepted"


@pytest.mark.parametrize(
    ("message", "data", "status"),
    [
        ("GetCertificateStatus", '{"x":1}', "Rejected"),
        ("GetCertificateStatus", "nonsense", "Rejected"),
        ("SignCertificate", "{}", "Rejected"),
        ("Heartbeat", "{}", "UnknownMessageId"),
    ],
)
def test_in_1_6_what_is_not_valid_inside_is_refused(charge_point, message, data, status):
    outer = {"vendorId": VENDOR, "messageId": message, "data": data}
    assert serve(charge_point, "1.6", "DataTransfer", outer)["status"] == status
