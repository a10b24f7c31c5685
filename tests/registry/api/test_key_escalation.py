"""A machine that manages makes no keys and tokens for accounts that may more than itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from emobility.lib.errors import Forbidden
from registry.models import Organization
from registry.models.user import Role
from registry.services.people import PersonValues, user_invite, user_invite_again
from tests.support.machines import api_key, machine


@pytest.mark.parametrize(("act", "made"), [("keys", 201), ("token", 201)])
def test_a_key_cut_down_to_managing_reaches_no_wider_account(db, act, made):
    own = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    _, header = api_key(machine(own, role="admin", scopes=["manage"], name="Narrow"))
    client = Client(headers=header)
    wide = machine(own, role="service", scopes=["see", "operate"], name="Wide")
    alike = machine(own, role="admin", scopes=["manage"], name="Alike")
    for account, status in ((wide, 403), (alike, made)):
        address = f"/api/service-accounts/{account.uid}/{act}/"
        assert client.post(address, {}, "application/json").status_code == status


def test_a_key_cut_down_to_managing_invites_nobody_above_itself(db):
    own = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    narrow, now = machine(own, role="admin", scopes=["manage"]), datetime.now(UTC)
    with pytest.raises(Forbidden):
        user_invite(organization=own, values=PersonValues("eve", Role.ADMIN), actor=narrow, now=now)
    chief: Any = narrow.created_by
    with pytest.raises(Forbidden):
        user_invite_again(user=chief, actor=narrow, now=now)
    assert user_invite(organization=own, values=PersonValues("ada", Role.ADMIN), actor=chief, now=now)
