"""Every room of the workspace in a real browser: no serious fault, nothing wider than the window, no complaint."""

import pytest
from django.conf import settings
from django.urls import reverse

from huoji.web import navigation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROLES = ("it_admin", "cs_chief_clerk", "cs_manager", "general_manager", "dispatch", "warehouse")


@pytest.fixture
def desk(context, live_server, client_of):
    """A browser in which somebody who may do nearly everything is signed in."""
    name = settings.SESSION_COOKIE_NAME
    session = client_of(*ROLES).cookies[name].value
    context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
    return context


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("zh", 1440, "light"), pytest.param("en", 390, "dark", marks=pytest.mark.soak)]
)
def test_no_room_has_a_serious_fault_and_each_fits_its_window(desk, page, live_server, faults_of, lang, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    faults = []
    for room in navigation.ROOMS:
        page.goto(f"{live_server.url}{reverse(room.url)}?lang={lang}")
        faults += faults_of(page)
    assert not faults


def test_the_navigation_opens_by_keyboard_on_a_phone(desk, page, live_server):
    page.goto(f"{live_server.url}{reverse('brand-settings')}")
    assert not page.locator(".hj-side").is_visible()
    page.locator("#hj-menu").focus()
    page.keyboard.press("Space")
    assert page.locator(".hj-side").is_visible()
    assert page.locator(".hj-side [aria-current=page]").inner_text() == "品牌"
