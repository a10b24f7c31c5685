"""A file of charge points in the browser: faults first, then the file of their passwords, once."""

import pytest
from playwright.sync_api import expect

from registry.models import ChargePoint

pytestmark = [pytest.mark.browser, pytest.mark.integration]


def test_a_file_is_previewed_and_its_passwords_downloaded(office):
    office.visit("/admin/registry/chargepoint/")
    office.get_by_role("link", name="Import a CSV file").click()
    office.fill("#id_text", "cp_id,site\nGARAGE-1,Moon\n")
    office.get_by_role("button", name="Preview").click()
    expect(office.get_by_text("There is no such site: Moon.")).to_be_visible()
    office.fill("#id_text", "cp_id,location\nGARAGE-1,Berlin\nGARAGE-2,Kiel\n")
    office.get_by_role("button", name="Preview").click()
    with office.expect_download() as download:
        office.get_by_role("button", name="Import charge points").click()
    assert download.value.suggested_filename == "charge-point-credentials.csv"
    assert ChargePoint.objects.count() == 2
