"""The credentials handshake in both directions over real HTTP (OCPI 2.2.1 §7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from ocpi.core.errors import EndpointsMissing, MethodRefused, PeerUnusable, VersionUnsupported
from ocpi.models import BootstrapToken, Exchange, Partner, PartnerToken
from ocpi.services.bootstrap_tokens import bootstrap_token_issue, bootstrap_token_revoke
from ocpi.services.handshake import partner_register, partner_rotate
from ocpi.services.partners import partner_suspend, partner_unregister
from registry.models import AuditEntry, Event, Organization, Party
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import ScriptedPartner, error_500, store_then_drop
from tests.support.server import LiveServer

CREDENTIALS = "/ocpi/2.2.1/credentials"


def test_two_organisations_register_with_each_other(linked: tuple[Partner, Partner]) -> None:
    """§7.1.1: both sides hold a token, the endpoints and the parties of the other."""
    emsp_at_cpo, cpo_at_emsp = linked
    assert (str(emsp_at_cpo), str(cpo_at_emsp)) == ("NL-MSP", "DE-EMP")
    assert emsp_at_cpo.version == cpo_at_emsp.version == "2.3.0"
    assert emsp_at_cpo.token_out
    assert cpo_at_emsp.token_out
    assert set(emsp_at_cpo.endpoints.values_list("identifier", "role")) >= {
        ("credentials", "SENDER"),
        ("cdrs", "RECEIVER"),
        ("sessions", "RECEIVER"),
    }
    assert set(cpo_at_emsp.endpoints.values_list("identifier", "role")) >= {
        ("cdrs", "SENDER"),
        ("sessions", "SENDER"),
    }
    party = Party.objects.get(organization=emsp_at_cpo.organization)
    assert (party.country_code, party.party_id, party.role, party.is_own) == ("NL", "MSP", "EMSP", False)
    assert Event.objects.filter(kind="partner.registered").count() == 2
    assert AuditEntry.objects.filter(action="partner.registered").count() == 2


def test_no_secret_is_readable_in_the_log(linked: tuple[Partner, Partner]) -> None:
    """Tokens are masked in the message log."""
    tokens = [partner.token_out for partner in linked]
    text = " ".join(
        str(row) for row in Exchange.objects.values_list("url", "request_body", "response_body", "error")
    )
    assert Exchange.objects.filter(module="credentials").count() == 2
    assert all(token not in text for token in tokens)
    assert not PartnerToken.objects.filter(digest__in=tokens).exists()


def test_t17_token_a_is_used_up_once_by_fifty_parallel_posts(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """T17: exactly one of fifty registrations with one token A succeeds."""
    call = Caller(server, issue(cpo))
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: call("POST", CREDENTIALS, scripted.credentials()), range(50)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.status_code for answer in answers if answer not in good} <= {401, 405}
    assert Partner.objects.count() == 1
    assert BootstrapToken.objects.get().used_by == Partner.objects.get()
    assert call("GET", "/ocpi/versions").status_code == 401


def test_an_unusable_sender_is_told_why_and_keeps_token_a(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """§7.1.5: 3001, 3002 and 3003 with HTTP 200; token A stays good."""
    call = Caller(server, issue(cpo))

    def refused(body: dict[str, Any]) -> int:
        answer = call("POST", CREDENTIALS, body)
        assert answer.status_code == 200
        return int(answer.json()["status_code"])

    assert refused(scripted.credentials() | {"url": "http://127.0.0.1:9/versions"}) == 3001
    scripted.misbehave("GET", "versions", error_500)
    assert refused(scripted.credentials()) == 3001
    scripted.versions = [{"version": "2.0", "url": scripted.url("/2.0")}]
    assert refused(scripted.credentials()) == 3002
    scripted.versions = None
    scripted.endpoints = [{"identifier": "cdrs", "role": "RECEIVER", "url": scripted.url("/cdrs")}]
    assert refused(scripted.credentials()) == 3003
    assert not Partner.objects.exists()
    assert call("GET", "/ocpi/versions").status_code == 200


def test_the_sender_is_asked_with_its_own_token(registered: Caller, scripted: ScriptedPartner) -> None:
    """§7.1.1: versions and details are fetched with token B before token C is given."""
    assert [item.module for item in scripted.requests] == ["versions", "details"]
    assert {item.token for item in scripted.requests} == {scripted.token_b}
    assert not any(name.startswith("ocpi-") for item in scripted.requests for name in item.headers)


def test_put_gives_a_new_token_and_the_old_one_ends_with_its_first_use(
    server: LiveServer, registered: Caller, scripted: ScriptedPartner
) -> None:
    """Update: old and new token work until the new one was used."""
    answer = registered("PUT", CREDENTIALS, scripted.credentials("scripted-token-b2"))
    fresh = Caller(server, answer.json()["data"]["token"])
    assert registered("GET", CREDENTIALS).status_code == 200
    assert fresh("GET", "/ocpi/versions").status_code == 200
    assert registered("GET", CREDENTIALS).status_code == 200
    assert fresh("GET", CREDENTIALS).status_code == 200
    assert registered("GET", CREDENTIALS).status_code == 401
    assert Partner.objects.get().token_out == "scripted-token-b2"


def test_an_old_token_ends_after_the_grace_time(registered: Caller, scripted: ScriptedPartner) -> None:
    """Update: without any use of the new token the old one ends all the same."""
    registered("PUT", CREDENTIALS, scripted.credentials("scripted-token-b2"))
    PartnerToken.objects.filter(expires_at__isnull=False).update(expires_at=now() - timedelta(seconds=1))
    assert registered("GET", CREDENTIALS).status_code == 401


def test_a_failed_put_changes_nothing(registered: Caller, scripted: ScriptedPartner) -> None:
    """Update: 3001, and both old tokens stay good."""
    scripted.misbehave("GET", "details", error_500)
    answer = registered("PUT", CREDENTIALS, scripted.credentials("scripted-token-b2"))
    assert answer.json()["status_code"] == 3001
    assert Partner.objects.get().token_out == scripted.token_b
    assert registered("GET", CREDENTIALS).status_code == 200


def test_a_put_with_a_foreign_party_is_refused(registered: Caller, scripted: ScriptedPartner) -> None:
    """T18: the parties of a partner are pinned."""
    body = scripted.credentials()
    body["roles"][0]["party_id"] = "EVL"
    assert registered("PUT", CREDENTIALS, body).json()["status_code"] == 2001
    assert Partner.objects.get().proposed_roles == body["roles"]


def test_delete_ends_both_tokens(registered: Caller) -> None:
    """§7.2.4."""
    assert registered("DELETE", CREDENTIALS).json()["status_code"] == 1000
    partner = Partner.objects.get()
    assert (partner.status, partner.token_out, partner.tokens.count()) == ("INACTIVE", "", 0)
    assert registered("GET", "/ocpi/versions").status_code == 401


def test_a_party_that_left_can_register_again(
    server: LiveServer, cpo: Organization, registered: Caller, scripted: ScriptedPartner
) -> None:
    """The same row comes back to life."""
    registered("DELETE", CREDENTIALS)
    answer = Caller(server, issue(cpo))("POST", CREDENTIALS, scripted.credentials())
    assert answer.json()["status_code"] == 1000
    assert Partner.objects.get().status == "ACTIVE"


def test_a_registered_party_cannot_be_taken_over_with_another_token_a(
    server: LiveServer, cpo: Organization, registered: Caller, scripted: ScriptedPartner
) -> None:
    """405, and the registration that is there stays."""
    answer = Caller(server, issue(cpo))("POST", CREDENTIALS, scripted.credentials("other"))
    assert answer.status_code == 405
    assert registered("GET", CREDENTIALS).status_code == 200


def test_a_peer_cannot_claim_our_own_party(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """T18."""
    scripted.country_code, scripted.party_id, scripted.role = "de", "emp", "CPO"
    answer = Caller(server, issue(cpo))("POST", CREDENTIALS, scripted.credentials())
    assert answer.json()["status_code"] == 2001


def test_we_rotate(registered: Caller, scripted: ScriptedPartner) -> None:
    """PUT from our side: the partner gets a new token, its old one ends when it uses the new one."""
    partner = partner_rotate(partner=Partner.objects.get(), now=now())
    assert partner.token_out == scripted.token_b
    fresh = Caller(registered.server, scripted.token_c)
    assert registered("GET", CREDENTIALS).status_code == 200
    assert fresh("GET", CREDENTIALS).status_code == 200
    assert registered("GET", CREDENTIALS).status_code == 401


def test_a_rotation_without_an_answer_locks_nobody_out(registered: Caller, scripted: ScriptedPartner) -> None:
    """The partner may have taken the new token or not: both work."""
    scripted.misbehave("PUT", "credentials", store_then_drop)
    with pytest.raises(PeerUnusable):
        partner_rotate(partner=Partner.objects.get(), now=now())
    assert registered("GET", CREDENTIALS).status_code == 200
    assert Caller(registered.server, scripted.token_c)("GET", CREDENTIALS).status_code == 200


def test_we_unregister_even_where_the_partner_is_gone(registered: Caller, scripted: ScriptedPartner) -> None:
    """The partner is told if it listens; our side ends in any case."""
    partner_unregister(partner=Partner.objects.get(), now=now())
    assert len(scripted.sent("DELETE", "credentials")) == 1
    assert registered("GET", "/ocpi/versions").status_code == 401


def test_a_suspended_partner_is_refused(registered: Caller) -> None:
    """403 with the envelope."""
    partner_suspend(partner=Partner.objects.get(), actor="test", now=now())
    answer = registered("GET", CREDENTIALS)
    assert (answer.status_code, answer.json()["status_code"]) == (403, 2000)


def test_as_sender_we_post_nothing_to_an_unusable_receiver(
    cpo: Organization, scripted: ScriptedPartner
) -> None:
    """§7.1.5.1: no common version, no endpoints, no answer: no POST, nothing left behind."""

    def register() -> Partner:
        return partner_register(
            organization=cpo, versions_url=scripted.url("/versions"), token_a="a", now=now()
        )

    scripted.misbehave("GET", "versions", error_500)
    with pytest.raises(PeerUnusable):
        register()
    scripted.versions = [{"version": "2.0", "url": scripted.url("/2.0")}]
    with pytest.raises(VersionUnsupported):
        register()
    scripted.versions = None
    scripted.endpoints = [{"identifier": "cdrs", "role": "RECEIVER", "url": scripted.url("/cdrs")}]
    with pytest.raises(EndpointsMissing):
        register()
    assert scripted.sent("POST", "credentials") == []
    assert not PartnerToken.objects.exists()
    assert not Partner.objects.exists()


def test_as_sender_we_register_once(cpo: Organization, scripted: ScriptedPartner) -> None:
    """A second registration of the same party is withdrawn at the peer."""

    def register() -> Partner:
        return partner_register(
            organization=cpo, versions_url=scripted.url("/versions"), token_a="a", now=now()
        )

    partner = register()
    assert (str(partner), partner.token_out) == ("NL-TST", scripted.token_b)
    with pytest.raises(MethodRefused):
        register()
    assert len(scripted.sent("DELETE", "credentials")) == 1
    assert PartnerToken.objects.count() == 1


def test_expired_and_revoked_tokens_a_open_nothing(server: LiveServer, cpo: Organization) -> None:
    """401 for both."""
    old = bootstrap_token_issue(organization=cpo, hours=1, now=now() - timedelta(hours=2))[1]
    row, revoked = bootstrap_token_issue(organization=cpo, now=now())
    bootstrap_token_revoke(token=row, now=now())
    assert [Caller(server, token)("GET", "/ocpi/versions").status_code for token in (old, revoked)] == [
        401
    ] * 2


def test_the_key_of_the_digests_is_a_setting(
    settings: LazySettings, server: LiveServer, cpo: Organization
) -> None:
    """With another TOKEN_HMAC_SECRET nothing that was issued before opens anything."""
    token = issue(cpo)
    assert Caller(server, token)("GET", "/ocpi/versions").status_code == 200
    settings.TOKEN_HMAC_SECRET = "another-secret"
    assert Caller(server, token)("GET", "/ocpi/versions").status_code == 401
