"""Every room of the workspace in a real browser: no serious fault, nothing wider than the window, no complaint."""

import pytest
from django.conf import settings
from django.urls import reverse

from huoji.web import navigation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROLES = ("it_admin", "cs_chief_clerk", "cs_manager", "general_manager", "dispatch")


@pytest.fixture
def desk(context, live_server, client_of):
    """A browser in which somebody who may do nearly everything is signed in."""
    name = settings.SESSION_COOKIE_NAME
    session = client_of(*ROLES).cookies[name].value
    context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
    return context


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("room", [room.url for room in navigation.ROOMS])
def test_a_room_has_no_serious_fault_and_fits_its_window(desk, page, live_server, no_serious_fault, room, lang):
    for width, height, scheme in ((1440, 900, "light"), (390, 844, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{live_server.url}{reverse(room)}?lang={lang}")
        no_serious_fault(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


def test_the_navigation_opens_by_keyboard_on_a_phone(desk, page, live_server):
    page.goto(f"{live_server.url}{reverse('brand-settings')}")
    assert not page.locator(".hj-side").is_visible()
    page.locator("#hj-menu").focus()
    page.keyboard.press("Space")
    assert page.locator(".hj-side").is_visible()
    assert page.locator(".hj-side [aria-current=page]").inner_text() == "品牌"
