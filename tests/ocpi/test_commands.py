"""What operators and the other rooms get from ocpi: the token command, the state of CDRs at partners."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.ports import ports
from ocpi.models import BootstrapToken, Delivery
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.services.bootstrap_tokens import bootstrap_tokens_clean
from ocpi.services.push import delivery_push_next
from registry.models import AuditEntry, Event, Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, now
from tests.support.partner import ScriptedPartner, refuse
from tests.support.server import LiveServer


def test_the_command_prints_a_token_that_works(server: LiveServer, cpo: Organization) -> None:
    """Once: only a digest is kept."""
    out = StringIO()
    call_command("issue_bootstrap_token", "--label", "ABC Charging", "--hours", "2", stdout=out)
    lines = dict(line.split(": ", 1) for line in out.getvalue().splitlines())
    token = lines["token"].strip()
    assert lines["versions URL"].strip() == server.http("/ocpi/versions")
    assert Caller(server, token)("GET", "/ocpi/versions").status_code == 200
    row = BootstrapToken.objects.get()
    assert (row.label, row.digest == token) == ("ABC Charging", False)
    assert Event.objects.filter(kind="bootstrap_token.issued").exists()
    assert AuditEntry.objects.filter(action="bootstrap_token.issued").exists()


def test_the_command_names_the_organisation(
    server: LiveServer, cpo: Organization, emsp: Organization
) -> None:
    """Its versions URL lies below its short name."""
    out = StringIO()
    call_command("issue_bootstrap_token", "--organization", "drivers", stdout=out)
    assert server.http("/ocpi/drivers/versions") in out.getvalue()
    with pytest.raises(CommandError, match="no such organisation"):
        call_command("issue_bootstrap_token", "--organization", "nobody")
    with pytest.raises(CommandError, match="744"):
        call_command("issue_bootstrap_token", "--hours", "0")


def test_ended_tokens_are_forgotten_after_a_month(cpo: Organization) -> None:
    """Used ones stay."""
    call_command("issue_bootstrap_token", stdout=StringIO())
    call_command("issue_bootstrap_token", stdout=StringIO())
    used = BootstrapToken.objects.earliest("pk")
    BootstrapToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    BootstrapToken.objects.filter(pk=used.pk).update(used_at="2020-01-01T00:00:00Z")
    assert bootstrap_tokens_clean(now=now()) == 1
    assert BootstrapToken.objects.get() == used


def test_billing_is_told_how_far_a_cdr_is(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Waiting, in trouble, delivered."""
    cdr = roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    tones = []
    scripted.misbehave("POST", "cdrs", refuse)
    for _ in range(3):
        (told,) = ports.cdr_deliveries([cdr.pk])[cdr.pk]
        tones.append(told.tone)
        Delivery.objects.update(next_attempt_at=now())
        partner_id = Delivery.objects.get().partner_id
        # The clock may be set back a little between the two.
        delivery_push_next(partner_id=partner_id, now=now() + timedelta(seconds=1))
    (told,) = ports.cdr_deliveries([cdr.pk])[cdr.pk]
    assert (tones, told.tone, told.partner) == (["info", "warn", "good"], "good", "NL-TST")
    assert ports.cdr_deliveries([0]) == {}
