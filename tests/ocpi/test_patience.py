"""A partner that wants fewer requests (429) is left alone for as long as it says; nothing is given up."""

from datetime import UTC, datetime, timedelta

import pytest

from ocpi.core.patience import LONGEST, UNSAID, patience_of
from ocpi.models import Delivery, Partner
from ocpi.services.outbox import MOST_ATTEMPTS
from registry.models import Organization
from tests.ocpi.conftest import Caller, now
from tests.ocpi.pushing import backlog, push_all
from tests.support.partner import Fault, Handler, Recorded, ScriptedPartner

pytestmark = pytest.mark.integration


def busy(seconds: int) -> Fault:
    """429 as a gateway says it: no envelope."""

    def fault(handler: Handler, request: Recorded) -> None:
        handler.raw(429, b"slow down", {"Retry-After": str(seconds)})

    return fault


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("90", 90),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 1),
        ("0", 1),
        ("99999999", LONGEST.total_seconds()),
        ("", UNSAID.total_seconds()),
        ("soon", UNSAID.total_seconds()),
    ],
)
def test_the_wait_is_seconds_or_until_a_date(told: str, seconds: float) -> None:
    """RFC 9110 §10.2.3, within bounds."""
    assert patience_of(told, datetime(2026, 1, 1, tzinfo=UTC)).total_seconds() == seconds


def test_what_is_refused_as_too_much_waits_and_is_never_given_up(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """One request a time until the partner takes it again; the CDRs arrive once."""
    ids, at = backlog(cpo, 3), now()
    for _ in range(MOST_ATTEMPTS + 1):
        scripted.misbehave("POST", "cdrs", busy(120))
        assert push_all(at) == 1
        assert push_all(at + timedelta(seconds=119)) == 0
        at += timedelta(seconds=120)
    told = Partner.objects.get()
    assert (told.failures, told.paused_until) == (0, at)
    assert "429" in Delivery.objects.exclude(last_error="").first().last_error  # type: ignore[union-attr]
    push_all(at)
    assert sorted(scripted.cdr_posts) == sorted(ids)
    assert not scripted.sent("GET", "cdrs"), "nobody has to ask whether a 429 stored anything"
    assert set(Delivery.objects.values_list("state", "last_error")) == {("delivered", "")}
