"""A budget's whole way over real sockets: accepted, stopped at the limit once, refused afterwards."""

import pytest
from django.test import Client

from central.models import Command, IdTokenGroup, Session
from central.tasks import enforce_budgets
from registry.models.user import Role
from tests.support.handlers import token_create
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
STOPS = {"1.6": ("RemoteStopTransaction", "Blocked"), "2.0.1": ("RequestStopTransaction", "NoCredit")}


@pytest.mark.parametrize("version", sorted(STOPS))
def test_from_the_start_to_the_refusal(enrolled, version):
    """1.6 §5.12, 2.x F03; 1.6 answers Blocked, 2.x NoCredit (C01)."""
    order, refusal = STOPS[version]
    organization = enrolled.row.organization
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET", energy_budget_wh=2000)
    token_create(organization, group=group)
    with enrolled.plug_in(version, handlers={order: {"status": "Accepted"}}) as charger:
        charger.boot()
        assert charger.authorize("TAG-1") == "Accepted"
        transaction = charger.start(wh=1000)
        charger.call(*transaction.meter(wh=2500))
        enforce_budgets()
        assert not Command.objects.exists()
        charger.call(*transaction.meter(wh=3000))
        enforce_budgets()
        enforce_budgets()
        eventually(lambda: Command.objects.get().state == "accepted")
        assert [name for name, _ in charger.calls] == [order]
        charger.call(*transaction.stop(wh=3010, reason="Remote"))
        assert charger.authorize("TAG-1") == refusal
    assert Session.objects.get().state == "ended"
    client = Client()
    client.force_login(staff(organization, Role.ADMIN))
    (usage,) = client.get(f"/api/id-token-groups/{group.pk}/usage/").json()
    assert (usage["unit"], usage["used"], usage["is_used_up"]) == ("Wh", "2010.0000", True)
