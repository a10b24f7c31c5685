"""A large body is taken from those alone who may send one there: nobody else fills the disk."""

import httpx2
import pytest
from django.conf import settings as django_settings
from django.test import Client

from central.services.transfers import location_of
from tests.support.power import placed
from tests.support.world import staff

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = b"x" * 20_000


@pytest.fixture(autouse=True)
def _small_memory(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000


def test_a_log_goes_to_an_open_address_only(server, charge_point, settings):
    settings.FILES_PUBLIC_URL = server.http()
    # Orders of the tests are placed at a fixed moment in the past.
    settings.FILES_LOG_LINK_HOURS = 24 * 3650
    address = location_of(placed(charge_point, "diagnostics_get").params)
    assert httpx2.put(address, content=LARGE).status_code == 201
    assert httpx2.put(server.http("/files/logs/" + "0" * 43), content=LARGE).status_code == 413


@pytest.mark.parametrize(("role", "refused"), [("", True), ("viewer", True), ("operator", False)])
def test_firmware_comes_from_operators_only(server, organization, role, refused):
    cookies = {}
    if role:
        client = Client()
        client.force_login(staff(organization, role))
        name = django_settings.SESSION_COOKIE_NAME
        cookies = {name: client.cookies[name].value}
    answer = httpx2.post(
        server.http("/api/firmware-images/"), files={"file": ("a.bin", LARGE)}, cookies=cookies
    )
    assert (answer.status_code == 413) == refused, answer.text
