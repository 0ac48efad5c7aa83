"""Renew the pictures of the README from a running demonstration: `python -m tools.pictures http://localhost:8000 .huoji`."""

import argparse
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools.screenshots import CHROMIUM, LANGUAGES, sign_in

TARGET = Path("docs/pictures")
BYTES_MAX = 120 * 1024
PHONE, DESK = (390, 844), (1440, 900)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="address of a running installation with the demonstration carrier")
    parser.add_argument("data", type=Path, help="its data folder, for the passwords of the demonstration staff")
    parser.add_argument(
        "--parcel", default="", help="the parcel to show, instead of the first that is out for delivery"
    )
    given = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    staff = accounts(given.data / "demo-accounts.txt")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for language in LANGUAGES:
            take_all(browser, given.base.rstrip("/"), language=language, staff=staff, parcel=given.parcel)
        browser.close()


def accounts(file: Path) -> dict[str, tuple[str, str]]:
    """Return number and password of the first demonstration staff of each role."""
    found: dict[str, tuple[str, str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        match line.split():
            case [number, password, role, _] if number.startswith("D9"):
                found.setdefault(role, (number, password))
    return found


def take_all(browser: Browser, base: str, *, language: str, staff: dict[str, tuple[str, str]], parcel: str) -> None:
    """Take every picture in one language."""
    with opened(browser, DESK, language) as page:
        sign_in(page, base, *staff["cs_supervisor"])
        shoot(page, f"{base}/app/shipments", f"list-{language}")
        on_the_way = parcel or first_number(page, f"{base}/app/shipments?status=out_for_delivery&line=express")
        at_sea = first_number(page, f"{base}/app/shipments?status=in_transit&line=ocean")
        shoot(page, f"{base}/app/shipments/{on_the_way}", f"shipment-{language}")
    with opened(browser, PHONE, language) as page:
        shoot(page, f"{base}/track/{on_the_way}", f"track-{language}")
        shoot(page, f"{base}/track/{at_sea}", f"track-sea-{language}")
    with opened(browser, PHONE, language) as page:
        sign_in(page, base, *staff["courier"])
        shoot(page, f"{base}/app/scan?stage=delivered", f"scan-{language}")
    with opened(browser, DESK, language) as page:
        sign_in(page, base, *staff["it_admin"])
        shoot(page, f"{base}/app/health", f"health-{language}")
    with opened(browser, DESK, language) as page:
        sign_in(page, base, *staff["dispatch"])
        shoot(page, f"{base}/app/dispatch/", f"dispatch-{language}")


@contextmanager
def opened(browser: Browser, size: tuple[int, int], language: str) -> Iterator[Page]:
    """Open a page of this size as a reader of this language; a phone has two dots a pixel."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=LANGUAGES[language],
        timezone_id="Asia/Shanghai",
        device_scale_factor=2 if size is PHONE else 1.2,
    )
    yield context.new_page()
    context.close()


def first_number(page: Page, address: str) -> str:
    """Return the number of the first shipment of a list."""
    page.goto(address)
    return page.locator("table a.hj-number, table .hj-number a").first.inner_text().strip()


def shoot(page: Page, address: str, name: str) -> None:
    """Keep what the window shows as WebP, as sharp as fits."""
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_timeout(800)  # fonts, ages and the live stream settle
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in (82, 74, 66, 55, 45):
        output = io.BytesIO()
        image.save(output, "WEBP", quality=quality, method=6)
        if output.tell() <= BYTES_MAX:
            break
    target = TARGET / f"{name}.webp"
    target.write_bytes(output.getvalue())
    print(f"{target}  {output.tell() // 1024} KB, quality {quality}")


if __name__ == "__main__":
    main()
