"""Bootstrap tokens over REST and by command (document 003): issue, list, revoke, clean, figures, health."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from emobility.lib.metrics import exposition
from ocpi.models import BootstrapToken
from registry.models import AuditEntry, Organization
from registry.models.user import Role
from tests.ocpi.conftest import Caller, now
from tests.support.machines import api_key, machine
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer
from tests.support.world import staff

TOKENS = "/api/bootstrap-tokens/"
OFFICE = "/admin/ocpi/bootstraptoken/"


@pytest.fixture
def admin(cpo: Organization) -> Client:
    return Client(headers=api_key(machine(cpo, role=Role.ADMIN))[1])


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body or {}, content_type="application/json")


def test_a_token_is_issued_shown_once_used_and_told_of(
    admin: Client, server: LiveServer, scripted: ScriptedPartner
) -> None:
    """The answer holds it; afterwards only its state is known."""
    answer = post(admin, TOKENS, {"label": "TST", "hours": 2, "party": "NL-TST", "roles": ["EMSP"]})
    assert answer.status_code == 201
    made = answer.json()
    assert made["versions_url"] == server.http("/ocpi/versions")
    assert answer["Cache-Control"] == "no-store"
    listed = admin.get(TOKENS)
    assert made["token"] not in listed.content.decode()
    assert admin.get(f"{TOKENS}{made['id']}/").json()["state"] == "good"
    caller = Caller(server, made["token"])
    assert caller("POST", "/ocpi/2.2.1/credentials", scripted.credentials()).json()["status_code"] == 1000
    told = admin.get(f"{TOKENS}{made['id']}/").json()
    assert (told["state"], told["used_by"]) == ("used", "NL-TST")
    assert caller("GET", "/ocpi/versions").status_code == 401
    figures = admin.get(f"{TOKENS}statistics/").json()
    assert (figures["by_state"]["used"], figures["success_rate"], figures["registered_partners"]) == (1, 1, 1)
    assert figures["failed_authentications"] == 1
    metrics = exposition().decode()
    for line in (
        'emobility_ocpi_bootstrap_tokens_total{event="used"}',
        'emobility_ocpi_failed_authentications_total{reason="used"}',
        'emobility_ocpi_registrations_total{begun_by="partner",result="completed"}',
    ):
        assert line in metrics
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"bootstrap_token.issued", "bootstrap_token.used"} <= actions


def test_tokens_are_revoked_and_cleaned_away(admin: Client, cpo: Organization) -> None:
    """409 the second time; ended ones go, good ones stay."""
    first, second = (post(admin, TOKENS, {"label": name}).json()["id"] for name in ("a", "b"))
    assert post(admin, f"{TOKENS}{first}/revoke/").json()["state"] == "revoked"
    assert post(admin, f"{TOKENS}{first}/revoke/").status_code == 409
    assert post(admin, f"{TOKENS}cleanup/", {"days": 30}).json() == {"deleted": 0}
    assert post(admin, f"{TOKENS}cleanup/", {"days": 0}).json() == {"deleted": 1}
    assert [row["id"] for row in admin.get(f"{TOKENS}?state=good").json()["results"]] == [second]


def test_only_managers_see_tokens(cpo: Organization) -> None:
    client = Client(headers=api_key(machine(cpo, role=Role.OPERATOR, name="x"))[1])
    assert (client.get(TOKENS).status_code, post(client, TOKENS).status_code) == (403, 403)
    assert Client().get(TOKENS).status_code == 401


@pytest.mark.parametrize("body", [{"hours": 0}, {"hours": 745}, {"party": "NLTST"}, {"roles": ["KING"]}])
def test_a_wrong_wish_is_refused(admin: Client, body: dict[str, Any]) -> None:
    assert post(admin, TOKENS, body).status_code == 400


def test_health_tells_the_parts(admin: Client) -> None:
    """Database, endpoints, the check of tokens, the partners that we depend on."""
    told = admin.get("/api/ocpi/health/").json()
    assert told["status"] == "operational"
    assert set(told["parts"]) == {"database", "endpoints", "token_validation", "partners"}


def test_the_commands_list_revoke_and_clean(server: LiveServer, cpo: Organization) -> None:
    """The same without REST."""

    def run(*words: str) -> str:
        out = StringIO()
        call_command(*words, stdout=out)
        return out.getvalue()

    run("issue_bootstrap_token", "--label", "ABC", "--party", "DE-ABC", "--role", "CPO")
    row = BootstrapToken.objects.get()
    assert (row.party, row.roles) == ("DE-ABC", ["CPO"])
    assert f"{row.pk}  good" in run("list_bootstrap_tokens")
    assert run("revoke_bootstrap_token", str(row.pk)).startswith("revoked")
    with pytest.raises(CommandError):
        run("revoke_bootstrap_token", str(row.pk))
    assert "revoked" in run("list_bootstrap_tokens", "--state", "revoked")
    BootstrapToken.objects.update(revoked_at=now() - timedelta(days=1))
    assert run("clean_bootstrap_tokens", "--days", "0").strip() == "deleted: 1"


def test_the_office_issues_for_a_party_and_roles_and_forgets_what_ended(
    cpo: Organization, client: Client
) -> None:
    """The form asks as REST does; what the token is limited to stands on its page and in the list."""
    client.force_login(staff(cpo, "admin"))
    asked = {"label": "ABC", "hours": 24, "party": "DE-ABC", "roles": ["CPO", "EMSP"]}
    assert "DE-ABC" in client.post(f"{OFFICE}add/", asked).content.decode()
    token = BootstrapToken.objects.get(label="ABC")
    assert (token.party, token.roles) == ("DE-ABC", ["CPO", "EMSP"])
    assert "DE-ABC CPO, EMSP" in client.get(OFFICE).content.decode()
    assert "two letters, a dash" in client.post(f"{OFFICE}add/", asked | {"party": "D-ABC1"}).content.decode()
    BootstrapToken.objects.update(expires_at=now() - timedelta(days=2))
    assert "0 tokens are forgotten." in _cleaned(client, 30)
    assert "1 token is forgotten." in _cleaned(client, 1)
    assert not BootstrapToken.objects.exists()
    client.force_login(staff(cpo, "viewer"))
    assert client.get(f"{OFFICE}clean/").status_code == 403


def _cleaned(client: Client, days: int) -> str:
    assert "Forget ended tokens" in client.get(OFFICE).content.decode()
    page: str = client.post(f"{OFFICE}clean/", {"days": days}, follow=True).content.decode()
    return page
