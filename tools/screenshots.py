"""Photograph pages in a real browser, in both languages and three widths: `python tools/screenshots.py http://localhost:8000 / /help`."""

import argparse
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
SIZES = {"wide": (1440, 900), "phone": (390, 844), "narrow": (360, 780)}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="address of a running installation")
    parser.add_argument("paths", nargs="+", help="paths of the pages, such as / or /track/HJ261100000001")
    parser.add_argument("--out", type=Path, default=Path("test-results/screenshots"))
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--dark", action="store_true", help="as a reader whose system is dark")
    parser.add_argument("--sign-in", metavar="NUMBER:PASSWORD", help="staff to sign in as first, for /app/ pages")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for language in given.languages:
            for size in given.sizes:
                width, height = SIZES[size]
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    locale=LANGUAGES[language],
                    timezone_id="Asia/Shanghai",
                    color_scheme="dark" if given.dark else "light",
                    device_scale_factor=1,
                )
                page = context.new_page()
                listen(page)
                if given.sign_in:
                    sign_in(page, given.base, *given.sign_in.split(":", 1))
                for path in given.paths:
                    shoot(page, given.base, path, given.out / f"{name_of(path)}-{language}-{size}.png")
                context.close()
        browser.close()


def shoot(page: Page, base: str, path: str, target: Path) -> None:
    """Take one full-page picture, and say when the page is wider than its window."""
    page.goto(base.rstrip("/") + path, wait_until="networkidle")
    page.screenshot(path=target, full_page=True)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    print(target, f"WIDER THAN THE WINDOW BY {too_wide} px" if too_wide > 0 else "")


def sign_in(page: Page, base: str, number: str, password: str) -> None:
    page.goto(base.rstrip("/") + "/app/")
    page.fill("input[name=login]", number)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    page.wait_for_load_state("networkidle")


def listen(page: Page) -> None:
    page.on(
        "console", lambda message: print("console:", message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: print("page error:", error))


def name_of(path: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:60] or "home"


if __name__ == "__main__":
    main()
