"""Authorize: what is told beside the status, EVSEs of a token, contracts (2.x C07)."""

from typing import Any

import pytest

from central.models import AuthorizationPolicy, Evse
from central.ports import Contract, ports
from tests.support.handlers import Bench, charge_point_create, token_create
from tests.support.messages import authorize, id_token

VERSIONS = ("1.6", "2.0.1", "2.1")


def asked(charge_point, version):
    (info,) = Bench(charge_point, version).call(*authorize(version, "TAG-1")).values()
    return info


@pytest.mark.parametrize("version", VERSIONS)
def test_2_is_told_language_message_and_evses(version, organization, charge_point):
    token = token_create(organization, language="fi", message="Hyvää matkaa")
    token.evses.set([Evse.objects.create(charge_point=charge_point, number=number) for number in (1, 3)])
    info = asked(charge_point, version)
    if version == "1.6":
        assert info == {"status": "Accepted"}
    else:
        assert info == {
            "status": "Accepted",
            "evseId": [1, 3],
            "language1": "fi",
            "personalMessage": {"format": "UTF8", "content": "Hyvää matkaa", "language": "fi"},
        }


@pytest.mark.parametrize(("connector", "status"), [(1, "Accepted"), (2, "Invalid")])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_token_for_one_evse_begins_at_no_other(version, connector, status, organization, charge_point):
    token = token_create(organization)
    token.evses.set([Evse.objects.create(charge_point=charge_point, number=1)])
    bench = Bench(charge_point, version)
    bench.begin(connector=connector)
    assert bench.session().authorization_status == status


def test_a_token_for_an_evse_elsewhere_charges_not_here(organization, charge_point):
    token = token_create(organization)
    token.evses.set([Evse.objects.create(charge_point=charge_point_create(organization), number=1)])
    assert asked(charge_point, "2.0.1")["status"] == "Invalid"


# --- plug and charge ----------------------------------------------------------------------------------

HASHES = [
    {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "aa",
        "issuerKeyHash": "bb",
        "serialNumber": "01",
        "responderURL": "http://ocsp.example",
    }
]
CONTRACTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "valid": ("Accepted", {}, "Accepted", "Accepted"),
    "valid, contract blocked": ("Accepted", {"blocked": True}, "Blocked", "ContractCancelled"),
    "valid, contract unknown": ("Accepted", {"uid": "OTHER"}, "Invalid", "ContractCancelled"),
    "expired": ("CertificateExpired", {}, "Expired", "CertificateExpired"),
    "revoked": ("CertificateRevoked", {}, "Invalid", "CertificateRevoked"),
    "not to be verified": ("CertChainError", {}, "Invalid", "CertChainError"),
}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_charges_with_a_valid_certificate(name, version, organization, charge_point, monkeypatch):
    """C07.FR.13-17: what the check of the certificate says, and what becomes of the token."""
    said, token, status, certificate = CONTRACTS[name]
    heard: list[Contract] = []

    def check(contract):
        heard.append(contract)
        return said

    monkeypatch.setattr(ports, "contract_status", check)
    token_create(organization, **{"uid": "DEAMBC123", "token_type": "eMAID"} | token)
    request = {"idToken": id_token("DEAMBC123", "eMAID"), "iso15118CertificateHashData": HASHES}
    answer = Bench(charge_point, version).call("Authorize", request)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == (status, certificate)
    assert (heard[0].emaid, heard[0].hash_data) == ("DEAMBC123", tuple(HASHES))


def test_a_contract_without_a_certificate_or_without_a_check_charges_not(organization, charge_point):
    token_create(organization, "DEAMBC123", token_type="eMAID")
    bench = Bench(charge_point, "2.0.1")
    bare = bench.call("Authorize", {"idToken": id_token("DEAMBC123", "eMAID")})
    assert bare == {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "NoCertificateAvailable"}


def test_without_plug_and_charge_no_contract_charges_nor_is_checked(organization, charge_point, monkeypatch):
    monkeypatch.setattr(ports, "contract_status", lambda contract: pytest.fail("asked"))
    token_create(organization, "DEAMBC123", token_type="eMAID")
    AuthorizationPolicy.objects.create(organization=organization, plug_and_charge=False)
    request = {"idToken": id_token("DEAMBC123", "eMAID"), "iso15118CertificateHashData": HASHES}
    answer = Bench(charge_point, "2.0.1").call("Authorize", request)
    assert answer == {"idTokenInfo": {"status": "Invalid"}}
