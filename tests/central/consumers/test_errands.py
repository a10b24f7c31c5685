"""Errands over the wire: the network is asked before the request is served, and only who asked waits."""

import time

import pytest
from django.test import Client

from central.models import PlugAndChargeRequest
from emobility.lib import pki
from tests.support.pki import Ca, utc_now
from tests.support.responder import responding
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def ca():
    return Ca.make("Mobility", utc_now())


@pytest.fixture
def responder(ca, settings):
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    with responding(ca, utc_now()) as running:
        yield running


def question(ca, url):
    named = pki.hash_data(ca.issue("SECC", now=utc_now()), ca.certificate)
    data = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": named.issuer_name_hash,
        "issuerKeyHash": named.issuer_key_hash,
        "serialNumber": named.serial_number,
        "responderURL": url,
    }
    return {"ocspRequestData": data}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_from_the_question_to_rest_and_admin(enrolled, ca, responder, version):
    with enrolled.plug_in(version) as charger:
        charger.boot()
        assert charger.call("GetCertificateStatus", question(ca, responder.url))["status"] == "Accepted"
    client = Client()
    client.force_login(staff(enrolled.row.organization, "viewer"))
    (row,) = client.get("/api/plug-and-charge-requests/?charge_point=CP-1").json()["results"]
    assert (row["kind"], row["status"]) == ("GetCertificateStatus", "Accepted")
    (kept,) = client.get("/api/certificate-statuses/").json()["results"]
    assert (kept["source"], kept["status"]) == ("OCSP", "Good")
    page = client.get(f"/admin/central/plugandchargerequest/{row['id']}/change/").content.decode()
    assert "Accepted" in page


def test_a_silent_responder_is_given_up_and_holds_up_nobody_else(enrol, ca, responder, settings):
    settings.ISO15118_TIME_LIMIT = 1
    responder.silent = True
    slow, quick = enrol("CP-1"), enrol("CP-2")
    with slow.plug_in("2.0.1") as waiting, quick.plug_in("2.0.1") as other:
        waiting.boot()
        other.boot()
        began = time.monotonic()
        message = [2, "m-1", "GetCertificateStatus", question(ca, responder.url)]
        waiting.send_raw(message)
        for _ in range(5):
            other.heartbeat()
        assert time.monotonic() - began < 0.9
        waiting.heartbeat()
        assert time.monotonic() - began >= 0.9
    assert PlugAndChargeRequest.objects.get().status == "Failed"
