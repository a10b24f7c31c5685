"""Amounts that are unusually large go to nobody before a person looked at them."""

import pytest

from billing.models import Cdr, Review, TariffVersion
from billing.services.cdrs import cdr_create
from billing.services.review_decisions import Act, review_accept
from tests.billing.builders import ENERGY, at, charge_point, default_tariff, ended_session, organization
from tests.support.registry import person


@pytest.mark.parametrize(
    ("currency", "wh", "above", "waits"),
    [
        ("EUR", 1_700_000, 1000, True),
        ("EUR", 1_600_000, 1000, False),
        ("JPY", 170_000_000, 1000, False),
        ("JPY", 300_000_000, 1000, True),
        ("XAU", 170_000_000, 1000, False),
        ("EUR", 1_700_000, 0, False),
        ("EUR", 1_700_000, 5000, False),
    ],
)
def test_a_large_amount_waits_for_a_person_who_may_let_it(settings, db, currency, wh, above, waits):
    """0.60 for a kWh with VAT; what is large in euros is little in yen."""
    settings.BILLING_REVIEW_ABOVE_EUR = above
    owner = organization(currency=currency)
    default_tariff(owner, ENERGY)
    TariffVersion.objects.update(currency=currency)
    session = ended_session(charge_point(owner), wh=wh)
    cdr = cdr_create(session_id=session.pk, now=at(61))
    assert cdr is not None
    assert cdr.review_reasons == (["large_amount"] if waits else [])
    assert cdr.ready_for_delivery is not waits
    if waits:
        act = Act(person(owner, "operator"), "A depot of lorries.")
        review_accept(review=Review.objects.get(), act=act, now=at(62))
        assert Cdr.objects.ready_for_delivery().get() == cdr
