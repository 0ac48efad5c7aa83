"""A real browser for the tests that need one, and what no page may do in it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
WINDOWS = ({"width": 360, "height": 780}, {"width": 1440, "height": 900})
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in the thread of the test


def pytest_collection_modifyitems(items):
    if CHROMIUM.exists():
        return
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.skip(reason=f"no browser: {CHROMIUM} is missing (apt-get install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": str(CHROMIUM)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 390, "height": 844},
    }


@pytest.fixture
def page(page):
    """A page that fails its test when the browser complains: script errors, blocked by the policy, missing files."""
    complaints = []

    def hear(message):
        if message.type == "error" and "/live/" not in message.location.get("url", ""):  # the stream is another process
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints
    yield page
    expected = [text for text in complaints if "status of 404" in text and getattr(page, "expects_missing", False)]
    assert complaints == expected


@pytest.fixture(scope="session")
def faults_of() -> Callable[[Page], list[str]]:
    """Return a check that says what axe-core finds serious on the page, and in which of two windows it is too wide."""
    axe = Axe()

    def find(page: Page) -> list[str]:
        said = [
            f"{page.url}: {each['id']} at {node['target']}: {node.get('failureSummary', '')[:300]}"
            for each in axe.run(page).response["violations"]
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]
        shown = page.viewport_size
        for window in WINDOWS:
            page.set_viewport_size(window)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                said.append(f"{page.url}: wider than {window['width']} pixels")
        page.set_viewport_size(shown)
        return said

    return find


@pytest.fixture(scope="session")
def no_serious_fault(faults_of) -> Callable[[Page], None]:
    """Return the same as an assertion."""

    def check(page: Page) -> None:
        assert not faults_of(page)

    return check
