"""Which tariff applies: by place, by audience, by type, by time; kept with the session."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Cdr, SessionRating
from billing.selectors.tariff_precedence import (
    KINDS,
    Asked,
    Offer,
    Plug,
    Verdict,
    tariff_choose,
    tariff_rank,
)
from billing.selectors.tariffs_in_force import session_asked, tariffs_at_start, tariffs_considered
from billing.services.assignment_words import why_words
from billing.services.cdrs import cdr_create
from billing.services.tariffs import tariff_assign, tariff_version_create
from billing.tasks import open_ratings
from central.models import Connector, Evse, IdToken, IdTokenGroup
from emobility.lib.errors import Invalid
from registry.models import Party, Site
from tests.billing.builders import (
    ENERGY,
    FEE,
    LONG_AGO,
    START,
    at,
    charge_point,
    components,
    default_tariff,
    end,
    organization,
    running_session,
    tariff,
)

ASKED = Asked(1, START, 10, 2, 1, 20, 30, 40)
EVERYWHERE = Offer(1, 1, LONG_AGO, None, "")


def offer(key, **fields):
    values: dict[str, Any] = {
        "organization_id": 1,
        "valid_from": LONG_AGO,
        "valid_until": None,
        "version_kind": "",
    }
    return Offer(key, **(values | fields))


LADDER = [
    offer(9, plug=Plug(10, 2, 1, False), token_group_id=30),
    offer(8, charge_point_id=10, token_group_id=30),
    offer(7, site_id=20, token_group_id=30),
    offer(6, token_group_id=30),
    offer(5, plug=Plug(10, 2, 1, False), party_id=40),
    offer(4, charge_point_id=10, party_id=40),
    offer(3, site_id=20, party_id=40),
    offer(2, party_id=40),
    offer(15, plug=Plug(10, 2, 1, False)),
    offer(14, charge_point_id=10),
    offer(13, site_id=20),
    EVERYWHERE,
]
"""As docs/tariffs.md has it: for whom goes before where."""


@given(st.sets(st.sampled_from(LADDER), min_size=1))
@settings(max_examples=60, deadline=None)
def test_the_ladder_of_the_documentation_holds_whatever_is_missing(offers):
    chosen = tariff_choose(offers, ASKED)
    assert chosen == next(each for each in LADDER if each in offers)


@given(st.permutations(LADDER))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_means_nothing(offers):
    ranked = tariff_rank(offers, ASKED)
    assert [each.offer for each in ranked] == LADDER
    assert [each.verdict for each in ranked] == [Verdict.APPLIES] + [Verdict.GIVES_WAY] * 11


@pytest.mark.parametrize(
    ("misfit", "verdict"),
    [
        ({"organization_id": 2}, Verdict.OTHER_PLACE),
        ({"plug": Plug(10, 2, 2, False)}, Verdict.OTHER_PLACE),
        ({"plug": Plug(10, 1, 1, True)}, Verdict.OTHER_PLACE),
        ({"charge_point_id": 11}, Verdict.OTHER_PLACE),
        ({"site_id": 21}, Verdict.OTHER_PLACE),
        ({"token_group_id": 31}, Verdict.OTHER_TOKENS),
        ({"party_id": 41}, Verdict.OTHER_TOKENS),
        ({"valid_from": START + timedelta(seconds=1)}, Verdict.NOT_YET),
        ({"valid_until": START}, Verdict.OVER),
        ({"version_kind": None}, Verdict.NO_VERSION),
        ({"version_kind": "AD_HOC_PAYMENT"}, Verdict.OTHER_TYPE),
    ],
)
def test_what_does_not_fit_says_why(misfit, verdict):
    ranked = tariff_rank([EVERYWHERE, offer(99, **misfit)], ASKED)
    assert [(each.offer.key, each.verdict) for each in ranked] == [(1, Verdict.APPLIES), (99, verdict)]


@pytest.mark.parametrize(
    ("kind", "types", "chosen"),
    [
        ("REGULAR", ["", "REGULAR", "AD_HOC_PAYMENT"], "REGULAR"),
        ("REGULAR", ["", "AD_HOC_PAYMENT", "PROFILE_FAST"], ""),
        ("REGULAR", ["AD_HOC_PAYMENT", "PROFILE_FAST"], None),
        ("AD_HOC_PAYMENT", ["REGULAR", "AD_HOC_PAYMENT"], "AD_HOC_PAYMENT"),
        ("AD_HOC_PAYMENT", ["REGULAR"], None),
        ("PROFILE_GREEN", ["REGULAR", "PROFILE_GREEN", "PROFILE_FAST"], "PROFILE_GREEN"),
        ("PROFILE_CHEAP", ["REGULAR", "PROFILE_GREEN"], "REGULAR"),
        ("PROFILE_CHEAP", ["REGULAR", ""], ""),
    ],
)
def test_type_of_the_session_chooses_among_tariffs_of_one_place(kind, types, chosen):
    """OCPI 2.2.1 TariffType: PROFILE_* where a preference is set, AD_HOC_PAYMENT for payments."""
    assert kind in KINDS
    offers = [offer(number, version_kind=each) for number, each in enumerate(types, 1)]
    found = tariff_choose(offers, Asked(1, START, 10, kind=kind))
    assert (None if found is None else found.version_kind) == chosen


def test_the_latest_of_equals_counts():
    later = offer(1, valid_from=LONG_AGO + timedelta(days=1))
    assert tariff_choose([offer(2), later, offer(3)], ASKED) == later
    assert tariff_choose([offer(2), offer(3)], ASKED) == offer(3)


def test_a_session_without_a_connector_number_has_the_only_one():
    asked = Asked(1, START, 10, 2)
    assert tariff_choose([offer(1, plug=Plug(10, 2, 1, True))], asked) is not None
    assert tariff_choose([offer(1, plug=Plug(10, 2, 1, False))], asked) is None


@pytest.fixture
def owner(db):
    return organization()


def in_force(owner, tariff_id, *parts, **place):
    made = tariff(owner, *parts, tariff_id=tariff_id)
    tariff_assign(organization=owner, tariff=made, valid_from=LONG_AGO, now=START, **place)
    return made


def name_of(session):
    choice = tariffs_at_start([session])[session.pk]
    return choice.version.tariff.tariff_id if choice else None


def plug_of(box, evse=1, number=1):
    place, _ = Evse.objects.get_or_create(charge_point=box, number=evse)
    return Connector.objects.create(charge_point=box, evse=place, number=number)


def test_every_place_and_audience_of_the_database(owner, django_assert_max_num_queries):
    site = Site.objects.create(organization=owner, name="Yard")
    box = charge_point(owner, site=site)
    fleet = IdTokenGroup.objects.create(organization=owner, uid="FLEET")
    partner = Party.objects.create(organization=owner, country_code="NL", party_id="TNM", role="EMSP")
    tag = IdToken.objects.create(organization=owner, uid="T1", group=fleet)
    roamer = IdToken.objects.create(organization=owner, uid="R1", party=partner)
    default_tariff(owner, tariff_id="ORG")
    in_force(owner, "PLUG", connector=plug_of(box))
    in_force(owner, "FLEET", token_group=fleet)
    in_force(owner, "ROAM", party=partner)
    in_force(owner, "ROAM-SITE", party=partner, site=site)
    sessions = [
        running_session(box, id_token=tag, token_group=fleet),
        running_session(box, id_token=roamer),
        running_session(box),
        running_session(box, evse_number=2),
        running_session(charge_point(owner, "BOX-2"), id_token=roamer),
    ]
    with django_assert_max_num_queries(3):
        found = tariffs_at_start(sessions)
        names = [choice.version.tariff.tariff_id for each in sessions if (choice := found[each.pk])]
    assert names == ["FLEET", "ROAM-SITE", "PLUG", "ORG", "ROAM"]


def test_why_is_told_in_words(owner):
    site = Site.objects.create(organization=owner, name="Yard")
    box = charge_point(owner, site=site)
    default_tariff(owner, tariff_id="ORG")
    in_force(owner, "SITE", site=site)
    considered = tariffs_considered(session_asked(running_session(box)))
    assert why_words(considered) == "In force for site Yard; that goes before all of Acme."
    assert why_words([]).startswith("No tariff is in force")


def test_group_of_the_start_counts_even_where_the_tag_has_another_one_now(owner):
    """It can be worked out at any later time."""
    fleet = IdTokenGroup.objects.create(organization=owner, uid="FLEET")
    tag = IdToken.objects.create(organization=owner, uid="T1", group=fleet)
    default_tariff(owner, tariff_id="ORG")
    in_force(owner, "FLEET", token_group=fleet)
    session = running_session(charge_point(owner), id_token=tag, token_group=fleet)
    IdToken.objects.update(group=None)
    assert name_of(session) == "FLEET"


def test_payment_at_the_place_has_its_own_tariff(owner):
    box = charge_point(owner)
    default_tariff(owner, tariff_id="ALL")
    in_force(owner, "ALL-AD-HOC")
    made = owner.tariffs.get(tariff_id="ALL-AD-HOC")
    tariff_version_create(
        tariff=made, currency="EUR", elements=components(FEE), tariff_type="AD_HOC_PAYMENT", now=START
    )
    assert name_of(running_session(box)) == "ALL"
    assert name_of(running_session(box, id_tag_type="DirectPayment")) == "ALL-AD-HOC"


def test_tag_shown_after_the_start_changes_the_tariff_that_is_kept(owner):
    """2.x: the cable may be plugged in long before the card is shown (E02)."""
    fleet = IdTokenGroup.objects.create(organization=owner, uid="FLEET")
    tag = IdToken.objects.create(organization=owner, uid="T1", group=fleet)
    default_tariff(owner, ENERGY, tariff_id="ORG")
    in_force(owner, "FLEET", FEE, token_group=fleet)
    session = running_session(charge_point(owner))
    open_ratings()
    first: Any = SessionRating.objects.get()
    assert first.tariff_version.tariff.tariff_id == "ORG"
    session.id_token, session.token_group = tag, fleet
    session.save()
    assert open_ratings() == 1
    kept: Any = SessionRating.objects.get()
    assert kept.tariff_version.tariff.tariff_id == "FLEET"
    assert kept.assignment.token_group == fleet
    assert open_ratings() == 0


def test_tag_shown_just_before_the_end_is_on_the_cdr(owner):
    fleet = IdTokenGroup.objects.create(organization=owner, uid="FLEET")
    tag = IdToken.objects.create(organization=owner, uid="T1", group=fleet)
    default_tariff(owner, ENERGY, tariff_id="ORG")
    in_force(owner, "FLEET", FEE, token_group=fleet)
    session = running_session(charge_point(owner))
    open_ratings()
    session.id_token, session.token_group = tag, fleet
    end(session, minutes=30, stop_wh=3000)
    cdr_create(session_id=session.pk, now=at(31))
    cdr: Any = Cdr.objects.get()
    assert cdr.tariff["id"] == "FLEET"


def test_two_places_or_audiences_are_refused(owner):
    box = charge_point(owner)
    site = Site.objects.create(organization=owner, name="Yard")
    fleet = IdTokenGroup.objects.create(organization=owner, uid="FLEET")
    partner = Party.objects.create(organization=owner, country_code="NL", party_id="TNM")
    foreign = plug_of(charge_point(organization("other"), "BOX-9"))
    made = tariff(owner)
    for places, field in (
        ({"site": site, "charge_point": box}, "site"),
        ({"charge_point": box, "connector": plug_of(box)}, "charge_point"),
        ({"token_group": fleet, "party": partner}, "token_group"),
        ({"connector": foreign}, "connector"),
    ):
        with pytest.raises(Invalid) as refused:
            tariff_assign(organization=owner, tariff=made, now=START, **places)
        assert list(refused.value.fields) == [field]
