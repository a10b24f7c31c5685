"""A local list from the policy to the socket and back to the pages."""

import pytest
from django.test import Client

from central.models import AuthorizationPolicy, Command, IdToken, LocalList
from central.tasks import sync_local_lists
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_policy_keeps_the_list_of_a_connected_charge_point_in_step(enrolled, version):
    """Policy -> question -> full list -> blocked tag -> change; seen on the page and in REST."""
    organization = enrolled.row.organization
    AuthorizationPolicy.objects.create(organization=organization, local_list=True)
    token = IdToken.objects.create(organization=organization, uid="TAG-1")
    name = "listVersion" if version == "1.6" else "versionNumber"
    answers = {"GetLocalListVersion": {name: 0}, "SendLocalList": {"status": "Accepted"}}

    def state_after_sweep():
        sync_local_lists()
        return LocalList.objects.filter(state="in_step").first()

    with enrolled.plug_in(version, handlers=answers) as charger:
        charger.boot()
        row = eventually(state_after_sweep)
        assert (row.version, row.entries_count) == (1, 1)
        token.blocked = True
        token.save()
        eventually(lambda: state_after_sweep() and LocalList.objects.get().version == 2)
        sent = [(payload.get("updateType"), payload.get(name)) for _, payload in charger.calls]
    assert sent == [(None, None), ("Full", 1), ("Differential", 2)]
    assert set(Command.objects.values_list("state", flat=True)) == {"accepted"}
    check_pages(enrolled.row)


def check_pages(charge_point):
    client = Client()
    client.force_login(staff(charge_point.organization, "admin"))
    page = client.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/").content.decode()
    assert "0 tags, version 2" in page
    (listed,) = client.get("/api/local-lists/").json()["results"]
    assert (listed["charge_point"], listed["state"], listed["version"]) == ("CP-1", "in_step", 2)
    (held,) = client.get("/api/effective-policies/").json()["results"]
    assert (held["charge_point"], held["policy"]["local_list"]) == ("CP-1", True)
