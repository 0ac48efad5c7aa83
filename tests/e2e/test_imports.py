"""Imports in a real browser: a table goes in by keyboard, the preview follows each choice, and no page has a serious fault."""

import threading

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import expect

from huoji.apps.shipments.actions import importing
from huoji.apps.shipments.models import Batch
from huoji.core.wording import Lang
from tests.apps.shipments.test_import_pages import work
from tests.apps.shipments.test_importing import HEADER, ROWS
from tests.tables import bring_in, csv_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clerk(context, live_server, client_of):
    """A browser in which somebody sits who may import and undo."""
    client = client_of("cs_supervisor", "cs_manager")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return client.actor


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("lang", "width", "scheme"), [("zh", 1440, "light"), ("en", 390, "dark")])
def test_every_page_of_imports_fits_and_has_no_serious_fault(clerk, page, live_server, faults_of, lang, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    paths = ["/app/imports", "/app/imports/new"]
    done = bring_in(clerk, csv_of([HEADER, *ROWS, ["", *[""] * 6, "x"]]))
    waiting = importing.upload(
        clerk, name="x.csv", data=csv_of([["运单号", "签收时间"], ["A1", "03/04/2026"], ["", "y"]])
    )
    running = importing.upload(clerk, name="y.csv", data=csv_of([HEADER, *ROWS]))
    importing.start_here(clerk, batch_id=running, lang=Lang.ZH)
    failed = importing.upload(clerk, name="z.csv", data=csv_of([HEADER, *ROWS]))
    Batch.objects.filter(pk=failed).update(state=Batch.State.FAILED, error="disk_full")
    paths += [f"/app/imports/{batch_id}" for batch_id in (done.pk, waiting, running, failed)]
    faults = []
    for path in paths:
        page.goto(f"{live_server.url}{path}?lang={lang}")
        faults += faults_of(page)
    assert not faults


def test_a_table_goes_in_by_keyboard_and_the_preview_follows_each_choice(clerk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/imports/new")
    table = {"name": "orders.csv", "mimeType": "text/csv", "buffer": csv_of([["运单号", "甲"], ["KEY1", "成都"]])}
    page.get_by_label("表格文件").set_input_files([table])
    page.get_by_role("button", name="上传并预览").press("Enter")
    expect(page.locator("#preview")).to_contain_text("KEY1")
    expect(page.locator("#preview")).not_to_contain_text("成都")
    page.get_by_label("甲", exact=True).select_option("destination")
    expect(page.locator("#preview")).to_contain_text("→ 成都")
    page.get_by_role("button", name="开始导入").press("Enter")
    expect(page.locator("#import-state progress")).to_be_visible()
    worker = threading.Thread(
        target=lambda: (work(), connections.close_all())
    )  # the browser keeps a loop in this thread
    worker.start()
    worker.join()
    expect(page.locator("#import-state")).to_contain_text("已完成", timeout=15_000)
    assert Batch.objects.get().counts["shipments_new"] == 1
