"""Tokens are renewed by the clock and by hand (OCPI 2.2.1 §7.1.4; document 003)."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from ocpi.models import Partner, PartnerToken
from ocpi.services.rotations import rotation_run, rotations_due
from ocpi.tasks import rotate
from registry.models import Event
from tests.ocpi.conftest import Caller, now
from tests.support.partner import ScriptedPartner, refuse

CREDENTIALS = "/ocpi/2.2.1/credentials"


def aged(days: int) -> Partner:
    """The partner, its token issued some days ago."""
    PartnerToken.objects.update(created_at=now() - timedelta(days=days))
    return Partner.objects.get()


def test_old_tokens_are_renewed_by_the_clock(registered: Caller, scripted: ScriptedPartner) -> None:
    """Once, when they are older than the limit; the old one works until the new one was used."""
    aged(29)
    rotate()
    assert scripted.sent("PUT", "credentials") == []
    aged(31)
    rotate()
    rotate()
    assert len(scripted.sent("PUT", "credentials")) == 1
    assert registered("GET", CREDENTIALS).status_code == 200
    assert Caller(registered.server, scripted.token_c)("GET", CREDENTIALS).status_code == 200
    assert registered("GET", CREDENTIALS).status_code == 401


@pytest.mark.parametrize(("own", "setting", "due"), [(None, 0, 0), (0, 30, 0), (90, 30, 0), (7, 0, 1)])
def test_a_partner_may_have_its_own_time(
    registered: Caller, settings: LazySettings, own: int | None, setting: int, due: int
) -> None:
    """Days of its own before the setting's; 0 is never."""
    settings.OCPI_TOKEN_ROTATION_DAYS = setting
    Partner.objects.update(rotation_days=own)
    aged(60)
    assert len(rotations_due(now())) == due


def test_a_refused_rotation_is_told_and_tried_a_day_later(
    registered: Caller, scripted: ScriptedPartner
) -> None:
    """Tokens in use stay good."""
    partner = aged(31)
    scripted.misbehave("PUT", "credentials", refuse)
    assert not rotation_run(partner_id=partner.pk, now=now())
    assert Event.objects.filter(kind="partner.rotation_failed").count() == 1
    assert registered("GET", CREDENTIALS).status_code == 200
    assert rotations_due(now()) == []
    assert rotations_due(now() + timedelta(days=1, seconds=1)) == [partner.pk]


def test_who_is_not_active_is_left_alone(registered: Caller) -> None:
    aged(31)
    Partner.objects.update(status="SUSPENDED")
    assert rotations_due(now()) == []
