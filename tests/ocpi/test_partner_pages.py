"""The roaming manager's pages: registering in both directions, sending again, pulling, what was said."""

from typing import Any

import pytest

from emobility.lib import bell
from ocpi.models import BootstrapToken, Delivery, Exchange, Partner, PullState, ReceivedCdr
from ocpi.selectors.identity import identity_of
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue
from tests.ocpi.pushing import backlog, partner
from tests.ocpi.test_receiver import cdr
from tests.support.listing_partner import ListingPartner
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

pytestmark = pytest.mark.integration
ADD = "/admin/ocpi/partner/add/"


def fields(organization: Organization, url: str, token: str) -> dict[str, Any]:
    return {"organization": organization.pk, "versions_url": url, "token_a": token}


def test_we_register_with_them_and_see_each_step(
    emsp: Organization, cpo: Organization, admin_client: Any
) -> None:
    """Versions, details, their look at ours, credentials: with request and answer, secrets masked."""
    assert "They register with us" in admin_client.get(ADD).content.decode()
    token = issue(cpo)
    answer = admin_client.post(ADD, fields(emsp, identity_of(cpo).versions_url, token), follow=True)
    made = Partner.objects.get(organization=emsp)
    told = answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith(f"/admin/ocpi/partner/{made.pk}/")
    steps = list(
        Exchange.objects.filter(handshake=made.handshake).order_by("pk").values_list("outgoing", "method")
    )
    assert steps == [(True, "GET")] * 2 + [(False, "GET")] * 2 + [(True, "POST")]
    for words in ("We ask for their versions", "They ask for our endpoints", "We send our credentials"):
        assert words in told
    assert token not in told
    theirs = Partner.objects.get(organization=cpo)
    page = admin_client.get(f"/admin/ocpi/partner/{theirs.pk}/change/").content.decode()
    assert "They send their credentials" in page
    issued = BootstrapToken.objects.get(used_by=theirs)
    told = admin_client.get(f"/admin/ocpi/bootstraptoken/{issued.pk}/change/").content.decode()
    assert "They ask for our versions" in told
    assert "We ask for their endpoints" in told


def test_a_failed_registration_shows_the_step_and_what_would_help(
    server: LiveServer, emsp: Organization, cpo: Organization, admin_client: Any
) -> None:
    """Nothing is left behind; a wrong token is told as such."""
    answer = admin_client.post(ADD, fields(emsp, identity_of(cpo).versions_url, "wrong"))
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "We ask for their versions" in told
    assert "ask for a new one" in told
    assert not Partner.objects.exists()
    answer = admin_client.post(ADD, fields(emsp, "https://10.0.0.1/versions", "token"))
    assert "not a public one" in answer.content.decode()


def test_what_was_given_up_is_sent_again_by_a_button(
    celery_eager: None, registered: Caller, cpo: Organization, scripted: ScriptedPartner, admin_client: Any
) -> None:
    """Dead letters go out again, at once; a delivered one cannot."""
    backlog(cpo, 1)
    assert bell.drain()  # who still looks after the partner would keep the button's work from it
    Delivery.objects.update(state="dead", attempts=8, last_error="HTTP 500")
    row = Delivery.objects.get()
    page = f"/admin/ocpi/delivery/{row.pk}/"
    answer = admin_client.post(f"{page}do/retry/", follow=True)
    assert "sent again" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, len(scripted.cdrs)) == ("delivered", 1)
    assert "The partner has it." in admin_client.get(f"{page}change/").content.decode()


def test_what_is_tolerated_is_a_switch_on_the_page(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner, admin_client: Any
) -> None:
    """A leniency profile: what is not let pass is refused, what was seen is shown."""
    page = f"/admin/ocpi/partner/{partner().pk}/"
    assert "message ids are missing" in admin_client.get(f"{page}do/tolerate/").content.decode()
    admin_client.post(f"{page}do/tolerate/", {"token_form": "on"})
    assert not partner().leniency["message_ids"]
    answer = registered("GET", "/ocpi/2.2.1/sender/cdrs", X_Request_ID="", X_Correlation_ID="")
    assert answer.json()["status_code"] == 2001
    assert "Refused" in admin_client.get(f"{page}change/").content.decode()


def test_a_change_of_parties_is_approved_on_the_page(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner, admin_client: Any
) -> None:
    """What a partner wants to be waits until somebody looks."""
    body = scripted.credentials()
    body["roles"] += [{**body["roles"][0], "party_id": "TSU"}]
    assert registered("PUT", "/ocpi/2.2.1/credentials", body).json()["status_code"] == 2001
    page = f"/admin/ocpi/partner/{partner().pk}/"
    assert "Wanted, not approved" in admin_client.get(f"{page}change/").content.decode()
    admin_client.post(f"{page}do/approve/")
    assert ["EMSP", "NL", "TSU"] in partner().pinned_roles
    assert "do/approve/" not in admin_client.get(f"{page}change/").content.decode()


def test_lists_are_pulled_by_a_button(
    celery_eager: None, emsp: Organization, egress_open: None, admin_client: Any
) -> None:
    """Registered by the page, read by the button, told in the card."""
    with ListingPartner() as operator:
        operator.lists["cdrs"] = [cdr(id="C1")]
        admin_client.post(ADD, fields(emsp, operator.url("/versions"), "their-token"))
        made = Partner.objects.get()
        answer = admin_client.post(f"/admin/ocpi/partner/{made.pk}/do/pull/", follow=True)
        assert "2 lists are read now" in answer.content.decode()
        assert ReceivedCdr.objects.count() == 1
        state = PullState.objects.get(module="cdrs")
        admin_client.post(f"/admin/ocpi/pullstate/{state.pk}/do/pull/")
        assert "date_from" not in operator.sent("GET", "cdrs")[-1].query


def test_messages_are_found_by_their_correlation_id(
    registered: Caller, cpo: Organization, admin_client: Any
) -> None:
    """The whole chain of one id, and nothing else."""
    registered("GET", "/ocpi/2.2.1/sender/cdrs", X_Correlation_ID="chain-7")
    registered("GET", "/ocpi/2.2.1/sender/cdrs", X_Correlation_ID="chain-8")
    page = admin_client.get("/admin/ocpi/exchange/?q=chain-7").content.decode()
    assert page.count("sender/cdrs") == 1
    row = Exchange.objects.get(correlation_id="chain-7")
    assert "?q=chain-7" in admin_client.get(f"/admin/ocpi/exchange/{row.pk}/change/").content.decode()
    assert str(partner()) in page
