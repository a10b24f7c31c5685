"""T19: whatever charge points and people write is shown as text, in lists, pages and pictures alike."""

import pytest
from playwright.sync_api import expect

from central.models import Message, Session
from registry.models import ChargePoint, Site

pytestmark = [pytest.mark.browser, pytest.mark.integration]

PAYLOADS = [
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=1</script>",
    "'\"><svg/onload=window.pwned=1>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "</textarea><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "javascript:window.pwned=1",
]


def _speak(point, payload):
    """Say the payload wherever a charge point may say something."""
    short = payload[:20]
    point.boot(chargePointVendor=short, chargePointModel=short, firmwareVersion=payload[:50])
    point.status(1, "Faulted", info=payload[:50], vendorErrorCode=payload[:50])
    point.call("Authorize", {"idTag": short})
    point.call("DataTransfer", {"vendorId": payload, "messageId": payload[:50], "data": payload})
    point.start(short, wh=0)


def _visit(office, path):
    office.visit(path)
    expect(office.locator("#content")).to_be_visible()
    assert office.evaluate("window.pwned") is None, path


def test_texts_of_charge_points_are_shown_and_never_run(office, enrol):
    Site.objects.update(name="".join(PAYLOADS[:2])[:100])
    plugs = [enrol(f"AMBER-{number}") for number in range(len(PAYLOADS))]
    for plug, payload in zip(plugs, PAYLOADS, strict=True):
        ChargePoint.objects.filter(pk=plug.row.pk).update(location=payload)
        with plug() as point:
            _speak(point, payload)
    for table in ("registry/chargepoint", "central/session", "central/message", "central/datatransfer"):
        _visit(office, f"/admin/{table}/")
    _visit(office, "/admin/")
    for plug, payload in zip(plugs, PAYLOADS, strict=True):
        _visit(office, f"/admin/registry/chargepoint/{plug.row.pk}/change/")
        expect(office.locator("#em-page")).to_contain_text(payload)
    session = Session.objects.earliest("id")
    message = Message.objects.filter(action="DataTransfer").earliest("id")
    _visit(office, f"/admin/central/session/{session.pk}/change/")
    _visit(office, f"/admin/central/message/{message.pk}/change/")
    _visit(office, f"/admin/registry/chargepoint/{plugs[0].row.pk}/do/remote-stop/")


def test_texts_that_arrive_by_the_live_feed_are_not_run_either(office, charger):
    with charger() as point:
        office.visit(f"/admin/registry/chargepoint/{charger.row.pk}/change/")
        expect(office.locator("#em-live")).to_have_attribute("data-state", "on")
        _speak(point, PAYLOADS[0])
        expect(office.locator("[data-live=now]")).to_contain_text(PAYLOADS[0][:20])
        assert office.evaluate("window.pwned") is None


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/api/", "/api/sessions/"])
def test_documentation_and_browsable_pages_ask_no_other_host(office, path):
    """The page's fixture fails on any foreign request."""
    office.visit(path)
    office.wait_for_load_state("networkidle")
    expect(office.locator("body")).to_contain_text("session", ignore_case=True)
