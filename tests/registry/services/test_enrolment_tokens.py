"""Enrolment tokens: their scope, their uses, their end."""

from datetime import UTC, datetime, timedelta

import pytest

from emobility.lib.errors import Invalid
from registry.models import EnrolmentToken
from registry.services.enrolment_tokens import (
    InvalidEnrolmentToken,
    WrongEnrolmentToken,
    enrolment_token_consume,
    enrolment_token_find,
    enrolment_token_issue,
    enrolment_token_revoke,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _use(secret: str, cp_id: str, now: datetime = NOW) -> None:
    enrolment_token_consume(token=enrolment_token_find(secret=secret, cp_id=cp_id), now=now)


def test_a_token_for_one_id_works_once_and_for_no_other(organization):
    _, secret = enrolment_token_issue(organization=organization, cp_id="CP-1", now=NOW)
    with pytest.raises(WrongEnrolmentToken):
        _use(secret, "CP-10")
    _use(secret, "CP-1")
    with pytest.raises(InvalidEnrolmentToken):
        _use(secret, "CP-1")


def test_a_token_for_a_prefix_works_as_often_as_it_says(organization):
    _, secret = enrolment_token_issue(organization=organization, prefix="BER-", max_uses=3, now=NOW)
    for number in range(3):
        _use(secret, f"BER-{number}")
    with pytest.raises(InvalidEnrolmentToken):
        _use(secret, "BER-4")
    with pytest.raises(WrongEnrolmentToken):
        _use(secret, "ber-5")


def test_expired_revoked_and_invented_tokens_are_refused(organization):
    token, secret = enrolment_token_issue(organization=organization, cp_id="CP-1", lifetime=DAY, now=NOW)
    with pytest.raises(InvalidEnrolmentToken):
        _use(secret, "CP-1", NOW + DAY)
    enrolment_token_revoke(token=token, now=NOW)
    with pytest.raises(InvalidEnrolmentToken):
        _use(secret, "CP-1")
    with pytest.raises(InvalidEnrolmentToken):
        _use("enrol-\ud800", "CP-1")


def test_only_a_digest_is_stored(organization):
    _, secret = enrolment_token_issue(organization=organization, cp_id="CP-1", now=NOW)
    row = EnrolmentToken.objects.values().get()
    assert all(secret not in str(value) for value in row.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"cp_id": "A", "prefix": "B"},
        {"cp_id": "A:B"},
        {"prefix": "a/b"},
        {"cp_id": "A", "max_uses": 0},
        {"cp_id": "A", "lifetime": timedelta(0)},
        {"cp_id": "A", "lifetime": timedelta(days=400)},
    ],
)
def test_a_token_without_clear_scope_is_not_made(organization, wrong):
    with pytest.raises(Invalid):
        enrolment_token_issue(organization=organization, now=NOW, **wrong)
    assert not EnrolmentToken.objects.exists()
