"""The brand: kept by one action with its audit row, shown on every public page, always readable."""

import io

import pytest
from django.db import OperationalError, connection
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from huoji.apps.accounts.models import AuditRow
from huoji.web import brand, colour

FORM = {
    "name": "长风货运",
    "hotline": "400-800-1234",
    "hours": "每天 8:00-20:00",
    "email": "kefu@example.com",
    "accent": "#ffcc00",
}
PHONES = {
    "phones-TOTAL_FORMS": "2", "phones-INITIAL_FORMS": "0", "phones-0-department": "调度部", "phones-0-number": "021-5555 1234",
    "phones-0-filed_114": "on", "phones-0-filed_on": "2026-03-01", "phones-1-department": "", "phones-1-number": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_brand():
    brand.remember(brand.Brand(), for_s=0)
    yield
    brand.remember(brand.Brand(), for_s=24 * 3600)


@pytest.fixture
def admin(client_of):
    return client_of("it_admin")


@pytest.mark.req("R05", part="customer pages carry name, logo and colours; notifications come with notify")
@pytest.mark.req(
    "B16", part="the hotline is a setting and stands on every customer page; notifications come with notify"
)
def test_what_the_admin_sets_stands_on_every_public_page(admin):
    assert admin.post("/app/settings/brand", FORM | PHONES).status_code == 302
    for path in ("/", "/help", "/contact", "/track/HJ000000000000"):
        page = Client().get(path).text
        assert "长风货运" in page
        assert "400-800-1234" in page
        assert "--tblr-primary:#ffcc00" in page


@pytest.mark.req("B15")
def test_the_departments_telephones_are_published_with_their_114_filing(admin):
    admin.post("/app/settings/brand", FORM | PHONES)
    page = Client().get("/contact").text
    assert "调度部" in page
    assert 'href="tel:02155551234"' in page
    assert "已备案" in page
    assert "2026-03-01" in page


def test_a_change_of_the_brand_is_a_row_of_the_audit(admin):
    admin.post("/app/settings/brand", FORM | PHONES)
    row = AuditRow.objects.get(verb="brand.change")
    assert row.actor == admin.actor.principal
    assert "accent" in row.changed


def test_who_may_not_manage_settings_changes_nothing(client_of):
    answer = client_of("courier").post("/app/settings/brand", FORM | PHONES)
    assert answer.status_code == 403
    assert Client().post("/app/settings/brand", FORM | PHONES).status_code == 302  # to the sign-in
    assert brand.current() == brand.Brand()


def picture(kind: str) -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (64, 32), "navy").save(data, kind)
    data.seek(0)
    data.name = f"logo.{kind.lower()}"
    return data


def test_the_logo_is_shown_to_strangers_and_an_old_one_no_longer(admin):
    admin.post("/app/settings/brand", FORM | PHONES | {"logo": picture("PNG")})
    first = brand.current().logo
    assert first in Client().get("/").text
    answer = Client().get(f"/brand/logo/{first}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    admin.post("/app/settings/brand", FORM | PHONES | {"no_logo": "on"})
    assert Client().get(f"/brand/logo/{first}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("hotline", "<script>"), ("accent", "red;}body{display:none"), ("email", "kefu"), ("name", "x" * 41)],
)
def test_what_cannot_be_shown_is_refused_beside_its_field(admin, field, value):
    answer = admin.post("/app/settings/brand", FORM | PHONES | {field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert brand.current() == brand.Brand()


def test_a_logo_that_is_no_picture_is_refused(admin):
    fake = io.BytesIO(b"<svg onload=alert(1)>")
    fake.name = "logo.png"
    answer = admin.post("/app/settings/brand", FORM | PHONES | {"logo": fake})
    assert answer.status_code == 422


def test_the_page_shows_the_brand_it_knew_while_the_database_is_away(db):
    def away(*_args):
        raise OperationalError("server closed the connection")

    brand.remember(brand.Brand(name="旧名"), for_s=0)
    with connection.execute_wrapper(away):
        assert "旧名" in Client().get("/").text


def test_a_brand_of_a_later_version_is_read_as_far_as_it_is_known():
    assert brand.read({"name": "新名", "of_a_later_version": 1}) == brand.Brand(name="新名")


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@example("#777777")
@example("#ffff00")
@given(COLOURS)
def test_whatever_the_accent_its_texts_can_be_read(picked):
    shades = colour.accent(picked)
    assert colour.contrast(shades.fill, shades.on_fill) >= 4.5
    assert colour.contrast(shades.link_light, "#f6f8fb") >= 4.5
    assert colour.contrast(shades.link_dark, "#1f2937") >= 4.5


@given(COLOURS, COLOURS)
def test_contrast_is_symmetric_and_within_its_bounds(one, other):
    assert colour.contrast(one, other) == pytest.approx(colour.contrast(other, one))
    assert 1 <= colour.contrast(one, other) <= 21.0001
