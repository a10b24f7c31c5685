"""Pages move by themselves: what charge points say appears without a reload."""

import pytest
from playwright.sync_api import expect

from central.models import Command, Session
from central.models.session import SessionState
from tests.browser.conftest import PASSWORD
from tests.support.wait import eventually

pytestmark = [pytest.mark.browser, pytest.mark.integration]


def _untouched(page):
    """Marks the page; the mark is gone after a reload."""
    page.evaluate("window.untouched = true")
    return lambda: page.evaluate("window.untouched === true")


def test_an_operator_logs_in_and_sees_a_charge_point_come_to_life(server, operator, page, charger):
    page.goto(server.http("/"))
    page.fill("#id_username", operator.username)
    page.fill("#id_password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="Overview").last).to_be_visible()
    page.get_by_role("link", name="Charge points").first.click()
    row = page.locator("tr", has_text="AMBER-1")
    expect(row).to_contain_text("Never connected")
    expect(page.locator("#em-live")).to_have_attribute("data-state", "on")
    untouched = _untouched(page)
    with charger() as point:
        point.boot()
        point.status(1, "Available")
        expect(row).to_contain_text("Available")
        point.status(1, "Faulted")
        expect(row).to_contain_text("Faulted")
        point.status(1, "Available")
        transaction = point.start("TAG-1", wh=0)
        expect(row).to_contain_text("Charging")
        point.call(*transaction.stop(wh=900))
        expect(row).not_to_contain_text("Charging")
    expect(row).to_contain_text("Offline")
    assert untouched()


def test_the_page_of_a_charge_point_shows_its_session_begin(office, charger):
    office.visit(f"/admin/registry/chargepoint/{charger.row.pk}/change/")
    expect(office.locator("#em-live")).to_have_attribute("data-state", "on")
    untouched = _untouched(office)
    with charger() as point:
        point.boot()
        point.status(1, "Available")
        expect(office.locator("[data-live=now]")).to_contain_text("Available")
        transaction = point.start("TAG-1", wh=0)
        expect(office.locator("[data-live=now]")).to_contain_text("TAG-1")
        point.call(*transaction.stop(wh=900))
        expect(office.locator("[data-live=sessions]")).to_contain_text("0.900")
    assert untouched()


def test_a_start_is_ordered_and_its_answer_arrives(office, charger):
    with charger(handlers={"RemoteStartTransaction": {"status": "Accepted"}}) as point:
        point.boot()
        point.status(1, "Available")
        office.visit(f"/admin/registry/chargepoint/{charger.row.pk}/change/")
        office.get_by_role("link", name="Start charging").click()
        office.fill("#id_id_tag", "TAG-1")
        office.get_by_role("button", name="Start charging").click()
        expect(office.locator("[data-live=commands]")).to_contain_text("Accepted")
    command = Command.objects.get()
    assert command.source == "admin"
    assert command.requested_by is not None


def test_the_overview_counts_what_runs(office, charger):
    office.visit("/admin/")
    tile = office.locator("[data-live=today] .em-tile").first
    expect(tile).to_contain_text("0")
    with charger() as point:
        point.boot()
        point.start("TAG-1", wh=0)
        expect(tile.locator(".em-value")).to_have_text("1")
        expect(office.locator("[data-live=running]")).to_contain_text("AMBER-1")
        eventually(lambda: Session.objects.filter(state=SessionState.ACTIVE).exists())


@pytest.mark.parametrize("path", ["/admin/", "/admin/registry/chargepoint/", "/admin/central/session/"])
def test_pages_fit_a_phone(office, charger, path):
    office.set_viewport_size({"width": 380, "height": 800})
    office.visit(path)
    for scheme in ("light", "dark"):
        office.emulate_media(color_scheme=scheme)
        expect(office.locator("#em-page")).to_be_visible()
        assert office.evaluate("document.documentElement.scrollWidth") <= 380
