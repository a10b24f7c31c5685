"""Versions: what is offered in each, and what of the transport differs (OCPI 2.1.1, 2.2.1, 2.3.0)."""

import httpx2
import pytest

from ocpi.core import auth
from ocpi.models import Partner
from ocpi.selectors.identity import identity_of
from ocpi.services.handshake import partner_register, partner_rotate
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

VERSIONS = ["2.1.1", "2.2.1", "2.3.0"]


class RawCaller(Caller):
    """Speaks 2.1.1: the token as it is, no message ids."""

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        given = {"Authorization": f"Token {self.token}", "X_Request_ID": "", "X_Correlation_ID": ""}
        return super().__call__(method, path, body, **{**given, **headers})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_peer_registers_in_each_version(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner, version: str
) -> None:
    """§7.1: versions, details and credentials answer in the form of the version, both ways."""
    scripted.version = version
    caller = (RawCaller if version == "2.1.1" else Caller)(server, issue(cpo))
    offered = {item["version"]: item["url"] for item in caller("GET", "/ocpi/versions").json()["data"]}
    endpoints = caller("GET", offered[version]).json()["data"]["endpoints"]
    url = next(item["url"] for item in endpoints if item["identifier"] == "credentials")
    assert all(("role" in item) == (version != "2.1.1") for item in endpoints)
    answer = caller("POST", url, scripted.credentials()).json()
    assert answer["status_code"] == 1000
    assert ("roles" in answer["data"], "party_id" in answer["data"]) == (
        version != "2.1.1",
        version == "2.1.1",
    )
    partner = Partner.objects.get()
    assert (str(partner), partner.version, partner.roles[0]["role"]) == ("NL-TST", version, "EMSP")
    sides = {(item.identifier, item.role) for item in partner.endpoints.all()}
    assert {("cdrs", "RECEIVER"), ("sessions", "RECEIVER")} <= sides
    asked = scripted.requests[-1].headers
    assert (asked["authorization"] == f"Token {scripted.token_b}") == (version == "2.1.1")
    assert ("x-request-id" in asked) == (version != "2.1.1")


def test_211_has_a_versions_url_for_each_role(server: LiveServer, cpo: Organization) -> None:
    """2.1.1 version endpoint: `/ocpi/cpo/versions` and `/ocpi/emsp/versions`; others need no role."""
    cpo.ocpi_roles = ["CPO", "EMSP"]
    cpo.save()
    caller = Caller(server, issue(cpo))

    def offered(path: str) -> dict[str, str]:
        return {item["version"]: item["url"] for item in caller("GET", path).json()["data"]}

    assert sorted(offered("/ocpi/versions")) == ["2.2.1", "2.3.0"]
    for role in ("cpo", "emsp"):
        found = offered(f"/ocpi/{role}/versions")
        assert found["2.1.1"] == server.http(f"/ocpi/{role}/2.1.1")
        assert found["2.2.1"] == server.http("/ocpi/2.2.1")
        identifiers = [
            item["identifier"] for item in caller("GET", found["2.1.1"]).json()["data"]["endpoints"]
        ]
        assert len(set(identifiers)) == len(identifiers)
        data = caller("GET", f"/ocpi/{role}/2.1.1/credentials").json()["data"]
        assert data["url"] == server.http(f"/ocpi/{role}/versions")
    assert caller("GET", "/ocpi/2.1.1").status_code == 404


def test_below_a_short_name_there_are_roles_too(server: LiveServer, emsp: Organization) -> None:
    """An organisation's own addresses, with and without the role; one that it has not is 404."""
    caller = Caller(server, issue(emsp))
    found = {item["version"]: item["url"] for item in caller("GET", "/ocpi/drivers/versions").json()["data"]}
    assert found["2.1.1"] == server.http("/ocpi/drivers/emsp/2.1.1")
    assert caller("GET", found["2.1.1"]).status_code == 200
    assert caller("GET", "/ocpi/drivers/2.1.1").status_code == 200
    assert caller("GET", "/ocpi/drivers/cpo/2.1.1").status_code == 404


def test_a_short_name_may_not_stand_for_a_role(server: LiveServer, cpo: Organization) -> None:
    """`/ocpi/cpo/` is the default organisation as operator."""
    emsp = Organization(name="X", slug="emsp", country_code="NL", party_id="XXX")
    with pytest.raises(Exception, match="short name"):
        identity_of(emsp)


def test_211_messages_need_no_ids_and_get_none(server: LiveServer, cpo: Organization) -> None:
    """Headers of 2.2 are not in 2.1.1; one who sends them gets them back."""
    caller = RawCaller(server, issue(cpo))
    assert "X-Request-ID" not in caller("GET", "/ocpi/cpo/2.1.1").headers
    assert Caller(server, caller.token)("GET", "/ocpi/cpo/2.1.1").headers["X-Request-ID"] == "request-1"
    assert caller("GET", "/ocpi/2.2.1").headers["X-Request-ID"]


@pytest.mark.parametrize("version", VERSIONS)
def test_we_register_in_each_version(cpo: Organization, scripted: ScriptedPartner, version: str) -> None:
    """We are the sender: our credentials are in the form of the version, the token as the version has it."""
    scripted.version = version
    partner = partner_register(
        organization=cpo,
        versions_url=scripted.url("/versions"),
        token_a="token-a",
        version=version,
        now=now(),
    )
    assert (partner.version, partner.token_form) == (version, "raw" if version == "2.1.1" else "base64")
    (post,) = scripted.sent("POST", "credentials")
    assert ("roles" in post.body) == (version != "2.1.1")
    assert post.body["url"].endswith("/ocpi/cpo/versions" if version == "2.1.1" else "/ocpi/versions")
    assert post.headers["authorization"] == auth.header("token-a", partner.token_form)


def test_two_organisations_change_the_version_by_put(linked: tuple[Partner, Partner]) -> None:
    """§7.1.2: a PUT on the other version's endpoint; both fetch the endpoints again."""
    for version in ("2.3.0", "2.1.1", "2.2.1"):
        _, cpo_at_emsp = linked
        partner_rotate(partner=Partner.objects.get(pk=cpo_at_emsp.pk), version=version, now=now())
        for partner in Partner.objects.all():
            assert partner.version == version
            assert all(f"/{version}/" in endpoint.url for endpoint in partner.endpoints.all())
