"""Who a partner may be: pinned by token A and by its first registration; changes wait for a person (T18)."""

from typing import Any

import pytest

from emobility.lib.errors import Conflict, Invalid
from ocpi.core.errors import MethodRefused
from ocpi.models import Partner
from ocpi.selectors.partners import owns
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from ocpi.services.handshake import partner_rotate
from ocpi.services.partner_changes import partner_change_approve, partner_change_reject
from registry.models import AuditEntry, Event, Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import Answer, Handler, Recorded, ScriptedPartner
from tests.support.server import LiveServer

CREDENTIALS = "/ocpi/2.2.1/credentials"


def more(scripted: ScriptedPartner, **other: str) -> dict[str, Any]:
    """Its credentials with one role more."""
    body = scripted.credentials()
    body["roles"].append({**body["roles"][0], **other})
    return body


@pytest.mark.parametrize("other", [{"role": "CPO"}, {"party_id": "EVL"}])
def test_a_new_role_or_party_waits_for_approval(
    registered: Caller, scripted: ScriptedPartner, other: dict[str, str]
) -> None:
    """2001 and nothing changes; after the approval it is in force, and the same PUT is accepted."""
    body = more(scripted, **other)
    for _ in range(2):
        assert registered("PUT", CREDENTIALS, body).json()["status_code"] == 2001
    assert Event.objects.filter(kind="partner.change_proposed").count() == 1
    wanted = (other.get("party_id", "TST"), (other.get("role", "EMSP"),))
    partner = Partner.objects.get()
    assert not owns(partner, "NL", *wanted)
    partner_change_approve(partner=partner, actor="test", now=now())
    assert owns(partner, "NL", *wanted)
    assert AuditEntry.objects.get(action="partner.change_approved").object_id == str(partner.pk)
    assert registered("PUT", CREDENTIALS, body).json()["status_code"] == 1000
    with pytest.raises(Conflict):
        partner_change_approve(partner=partner, actor="test", now=now())


def test_a_rejected_change_leaves_all_as_it_was(registered: Caller, scripted: ScriptedPartner) -> None:
    """The wish is gone; the partner may wish again."""
    registered("PUT", CREDENTIALS, more(scripted, role="CPO"))
    partner_change_reject(partner=Partner.objects.get(), actor="test", now=now())
    partner = Partner.objects.get()
    assert (partner.proposed_roles, partner.pinned_roles) == ([], [["EMSP", "NL", "TST"]])
    assert registered("PUT", CREDENTIALS, scripted.credentials()).json()["status_code"] == 1000


def test_a_party_of_another_partner_cannot_be_approved(
    server: LiveServer, cpo: Organization, registered: Caller, scripted: ScriptedPartner
) -> None:
    """T18."""
    with ScriptedPartner("NL", "EVL") as other:
        Caller(server, issue(cpo))("POST", CREDENTIALS, other.credentials())
    registered("PUT", CREDENTIALS, more(scripted, party_id="EVL"))
    with pytest.raises(MethodRefused):
        partner_change_approve(partner=Partner.objects.get(party_id="TST"), actor="test", now=now())


def test_fewer_roles_need_no_approval(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Who gives something up needs nobody; it may take it again."""
    caller = Caller(server, issue(cpo))
    answer = caller("POST", CREDENTIALS, more(scripted, party_id="TWO"))
    caller = Caller(server, answer.json()["data"]["token"])
    for body in (scripted.credentials(), more(scripted, party_id="TWO")):
        answer = caller("PUT", CREDENTIALS, body)
        assert answer.json()["status_code"] == 1000
        caller = Caller(server, answer.json()["data"]["token"])


def test_our_own_put_keeps_the_tokens_and_holds_new_roles(
    registered: Caller, scripted: ScriptedPartner
) -> None:
    """A partner that answers more than was agreed on has new tokens all the same."""

    def greedy(handler: Handler, request: Recorded) -> None:
        scripted.store(request)
        handler.say(Answer(data=more(scripted, role="CPO")))

    scripted.misbehave("PUT", "credentials", greedy)
    partner_rotate(partner=Partner.objects.get(), now=now())
    partner = Partner.objects.get()
    assert [role["role"] for role in partner.roles] == ["EMSP"]
    assert [role["role"] for role in partner.proposed_roles] == ["EMSP", "CPO"]
    assert Caller(registered.server, scripted.token_c)("GET", CREDENTIALS).status_code == 200


@pytest.mark.parametrize(
    ("pins", "code"),
    [
        ({"party": "NL-TST", "roles": ["EMSP"]}, 1000),
        ({"party": "nl-tst"}, 1000),
        ({"party": "NL-EVL"}, 2001),
        ({"roles": ["CPO"]}, 2001),
    ],
)
def test_a_token_may_be_for_one_party_and_its_roles(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner, pins: dict[str, Any], code: int
) -> None:
    """Others cannot register with it, and it stays good."""
    token = bootstrap_token_issue(organization=cpo, now=now(), **pins)[1]
    caller = Caller(server, token)
    assert caller("POST", CREDENTIALS, scripted.credentials()).json()["status_code"] == code
    assert (caller("GET", "/ocpi/versions").status_code == 200) == (code == 2001)


@pytest.mark.parametrize("pins", [{"party": "DEABC"}, {"party": "D1-ABC"}, {"roles": ["KING"]}])
def test_a_token_for_nobody_is_not_issued(cpo: Organization, pins: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        bootstrap_token_issue(organization=cpo, now=now(), **pins)
