"""Connect a charger in the browser: form, password, and what the charge point does, without a reload."""

import pytest
from playwright.sync_api import expect

from registry.models import ChargePoint
from tests.support.charge_point import Refused, plug_in

pytestmark = [pytest.mark.browser, pytest.mark.integration]


def test_a_charger_is_seen_arriving(server, office):
    """Not heard yet -> wrong password -> booted -> first status; the password stays on the page."""
    office.visit("/admin/registry/chargepoint/add/")
    office.fill("#id_cp_id", "GARAGE-1")
    office.select_option("#id_security_profile", "1")
    office.get_by_role("button", name="Connect a charger").click()
    password = office.locator("#em-password").inner_text()
    expect(office.locator("#em-live")).to_have_attribute("data-state", "on")
    step = office.locator("[data-step]")
    expect(step.first).to_contain_text("not heard yet")
    office.evaluate("window.untouched = true")
    url = server.ws("/ocpp")
    with pytest.raises(Refused), plug_in(url, "GARAGE-1", "wrong"):
        pass
    expect(office.locator("[data-step=password]")).to_contain_text("Wrong password", ignore_case=True)
    with plug_in(url, "GARAGE-1", password) as charger:
        expect(office.locator("[data-step=version]")).to_contain_text("OCPP 1.6")
        charger.boot()
        expect(office.locator("[data-step=boot]")).to_contain_text("Acme One")
        charger.status()
        expect(office.locator("[data-live=steps]")).to_contain_text("It is connected.")
    assert office.evaluate("window.untouched === true")
    assert office.locator("#em-password").inner_text() == password
    assert ChargePoint.objects.get().cp_id == "GARAGE-1"
