"""The Registry's quick start and integration guide, call for call, over a real socket."""

import shutil
import subprocess

import httpx2
import pytest

from tests.support.registry import BERLIN, make_certificate

pytestmark = pytest.mark.integration

BULK = r"""
for i in 1 2 3 4 5 6 7 8 9 10; do
    CP_ID=$(printf "CP-%03d" $i)
    LOCATION="Location-$i"
    curl -s -X POST "$REGISTRY/cp/register" \
        -H "Content-Type: application/json" \
        -d "{\"cp_id\": \"$CP_ID\", \"location\": \"$LOCATION\"}"
    echo
done
"""


@pytest.fixture
def url(server, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    return server.registry_http


def test_quick_start_from_registration_to_decommissioning(url):
    registered = httpx2.post(url("/cp/register"), json=BERLIN).json()
    login = {"cp_id": "CP-001", "credentials": registered["credentials"]}
    token = httpx2.post(url("/cp/authenticate"), json=login).json()["token"]
    assert token != registered["token"]
    assert httpx2.get(url("/cp/CP-001")).json()["status"] == "REGISTERED"
    assert httpx2.get(url("/cp")).json()["total"] == 1
    assert httpx2.get(url("/cp?status_filter=REGISTERED")).json()["total"] == 1
    assert httpx2.delete(url("/cp/CP-001")).json()["status"] == "DEREGISTERED"
    assert httpx2.get(url("/cp?status_filter=DEREGISTERED")).json()["total"] == 1
    assert httpx2.post(url("/cp/authenticate"), json=login).status_code == 401


def test_a_certificate_goes_along_with_escaped_line_ends(url):
    body = BERLIN | {"certificate_pem": make_certificate()}
    assert httpx2.post(url("/cp/register"), json=body).status_code == 200
    assert httpx2.get(url("/cp/CP-001")).json()["certificate_fingerprint"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_bulk_loop_registers_ten(url):
    run = subprocess.run(
        ["bash", "-c", BULK], env={"REGISTRY": url()}, capture_output=True, text=True, check=True
    )
    assert run.stdout.count('"status":"REGISTERED"') == 10
    assert httpx2.get(url("/cp")).json()["total"] == 10


@pytest.mark.skipif(shutil.which("ab") is None, reason="needs ab (Apache Bench)")
def test_the_load_line_gets_no_server_error(url, tmp_path):
    body = tmp_path / "register.json"
    body.write_text('{"cp_id": "CP-001", "location": "Berlin"}')
    command = ["ab", "-n", "100", "-c", "10", "-v", "2", "-p", str(body), "-T", "application/json"]
    run = subprocess.run([*command, url("/cp/register")], capture_output=True, text=True, check=True)
    assert "Complete requests:      100" in run.stdout
    assert run.stdout.count("HTTP/1.1 409") + run.stdout.count("HTTP/1.0 409") >= 99
    assert " 500 " not in run.stdout


def test_t5_a_forged_forwarded_address_does_not_help_over_the_wire(url):
    httpx2.post(url("/cp/register"), json=BERLIN)
    wrong = {"cp_id": "CP-001", "credentials": "0" * 40}
    statuses = [
        httpx2.post(
            url("/cp/authenticate"), json=wrong, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        ).status_code
        for number in range(10)
    ]
    assert statuses == [401] * 5 + [429] * 5
