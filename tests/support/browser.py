"""Chromium for tests of what a person sees: driven by Playwright, without any foreign request."""

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
LOCAL_SCHEMES = frozenset({"data", "blob", "about", "chrome-extension"})


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A browser for one test; Playwright's event loop ends with it, as other tests have their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A fresh page; the test fails where the page asked another host for anything or threw an error."""
    # Playwright's own event loop lives in this thread; Django would take it for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    trouble: list[str] = []
    page.on("request", lambda request: trouble.extend(_foreign(request)))
    page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
    yield page
    context.close()
    assert trouble == []


def _foreign(request: Request) -> list[str]:
    address = urlsplit(request.url)
    if address.scheme in LOCAL_SCHEMES or address.hostname in {"127.0.0.1", "localhost"}:
        return []
    return [f"foreign request: {request.url}"]
