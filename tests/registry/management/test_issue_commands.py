"""`issue_enrolment_token` and `issue_cp_token`: what they print works, and is printed once."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from registry.models import AuditEntry, EnrolmentToken
from registry.services.tokens import charge_point_token_verify
from tests.support.registry import BERLIN


def _printed(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_a_printed_enrolment_token_enrols(registry, organization):
    secret = _printed("issue_enrolment_token", "--cp-id", "CP-001")
    answer = registry.post("/cp/register", BERLIN, authorization=f"Enrolment {secret}")
    assert answer.status_code == 200
    assert secret not in str(AuditEntry.objects.values())


def test_scope_and_end_are_as_told(organization, stranger_organization):
    _printed(
        *("issue_enrolment_token", "--prefix", "BER-", "--uses", "5", "--hours", "2"),
        *("--organization", "basalt", "--reissue"),
    )
    token = EnrolmentToken.objects.get()
    assert (token.organization, token.prefix, token.max_uses) == (stranger_organization, "BER-", 5)
    assert token.reissue
    assert abs(token.expires_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--cp-id", "A", "--prefix", "B"],
        ["--cp-id", "a/b"],
        ["--cp-id", "A", "--uses", "0"],
        ["--cp-id", "A", "--hours", "0"],
        ["--cp-id", "A", "--organization", "nobody"],
    ],
)
def test_nonsense_is_refused_in_a_sentence(organization, options):
    with pytest.raises(CommandError):
        _printed("issue_enrolment_token", *options)
    assert not EnrolmentToken.objects.exists()


def test_a_printed_charge_point_token_shows_the_charge_point_to_itself(registry, by_operator):
    by_operator.post("/cp/register", BERLIN)
    token = _printed("issue_cp_token", "CP-001", "--hours", "168")
    assert registry.get("/cp/CP-001", authorization=f"Bearer {token}").status_code == 200
    life = charge_point_token_verify(token, datetime.now(UTC)).expires_at - datetime.now(UTC)
    assert timedelta(hours=167) < life <= timedelta(hours=168)


@pytest.mark.parametrize("options", [["CP-404"], ["CP-001", "--hours", "169"], ["CP-001", "--hours", "0"]])
def test_there_is_no_token_for_an_unknown_charge_point_or_for_ever(by_operator, options):
    by_operator.post("/cp/register", BERLIN)
    with pytest.raises(CommandError):
        _printed("issue_cp_token", *options)


def test_a_deregistered_charge_point_gets_none(by_operator):
    by_operator.post("/cp/register", BERLIN)
    by_operator.delete("/cp/CP-001")
    with pytest.raises(CommandError):
        _printed("issue_cp_token", "CP-001")
