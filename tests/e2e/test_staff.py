"""Staff in a real browser: sign-in by password and passkey, and every page of people and customers without a serious fault."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from huoji.apps.accounts.models import AuditRow
from huoji.apps.customers import actions as customers
from huoji.apps.customers.models import Contact
from huoji.core.customer import AliasKind, CustomerKind
from huoji.core.permission import KeyScope
from tests.people import PASSWORD, SYSTEM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CJK = re.compile(r"[\u4e00-\u9fff]+")


def sign_in(page: Page, live_server, number: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("工号").fill(number)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/app/**")


@pytest.fixture
def authenticator(page: Page):
    """A passkey device that says yes, as Chromium plays it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def test_a_passkey_is_added_and_signs_in_without_a_password(
    page, live_server, make_staff, authenticator, no_serious_fault
):
    page.expects_missing = True  # the first page of the workspace may not stand yet
    make_staff("it_admin", number="8012")
    sign_in(page, live_server, "8012")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    no_serious_fault(page)
    page.get_by_label("密码").fill(PASSWORD)  # a sign-in left open must not give its finder a key of his own
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/webauthn/add/")
    no_serious_fault(page)
    page.get_by_label("名称").fill("work laptop")
    page.get_by_label("用它免密码登录").check()
    page.get_by_role("button", name="添加").click()
    page.wait_for_url("**/recovery-codes/")
    no_serious_fault(page)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    no_serious_fault(page)
    expect(page.get_by_role("row", name="work laptop")).to_contain_text("免密码登录")

    page.goto(f"{live_server.url}/accounts/logout/")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/accounts/login/")
    no_serious_fault(page)
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/app/**")
    page.goto(f"{live_server.url}/app/audit/?actor=staff:8012")
    expect(page.get_by_role("table")).to_contain_text("passkey.add")
    started = AuditRow.objects.filter(verb="session.start").order_by("id").last()
    assert started.changed["methods"] == ["mfa"]


def test_a_passkey_that_is_not_there_is_said_on_the_page(page, live_server, authenticator):
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("alert")).to_contain_text("没有读到通行密钥")


@pytest.fixture
def places_to_look_at(make_staff, make_key) -> list[str]:
    """Fill every page with something to show, named in Latin letters so that untranslated Chinese stands out."""
    from huoji.apps.accounts import actions

    department = actions.create_department(SYSTEM, code="cs", name="Service")
    actions.create_department(SYSTEM, code="cs-sh", name="Service Shanghai", parent_id=department)
    agent = make_staff("cs_agent", "dept_clerk", number="8013", name="Kim", department_id=department)
    make_key("staff:8013", KeyScope.SHIPMENTS_READ, source="erp")
    customer = customers.create_customer(SYSTEM, code="ACME", name="Acme Trading Co.", kind=CustomerKind.COMPANY)
    contact = customers.add_contact(
        SYSTEM, customer_id=customer, name="Jane Doe", phone="13912345678", email="j@example.com"
    )
    customers.add_alias(SYSTEM, customer_id=customer, kind=AliasKind.REFERENCE, text="AC-")
    assert Contact.objects.get().pk == contact
    return [
        "/app/staff/", "/app/staff/?text=nobody", "/app/staff/new", f"/app/staff/{agent.staff_id}",
        f"/app/staff/{agent.staff_id}/keys/new", "/app/departments/", "/app/departments/new", "/app/roles/",
        "/app/roles/cs_agent", "/app/keys/", "/app/keys/?revoked=1", "/app/audit/", "/app/audit/?verb=none",
        "/app/customers/", "/app/customers/?text=nobody", "/app/customers/new", f"/app/customers/{customer}",
        f"/app/customers/{customer}/edit", f"/app/customers/{customer}/contacts/new",
        f"/app/customers/{customer}/keys/new",
        "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/", "/accounts/sessions/",
        "/accounts/password/change/", "/accounts/logout/",
    ]  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [pytest.param("zh", 1440, "light", marks=pytest.mark.soak), ("en", 390, "dark")]
)
def test_every_page_is_readable_in_both_languages(
    page, live_server, make_staff, places_to_look_at, faults_of, lang, width, scheme
):
    page.expects_missing = True
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    make_staff("it_admin", "cs_manager", number="8012", name="Robin")
    sign_in(page, live_server, "8012")
    page.goto(f"{live_server.url}/accounts/2fa/totp/activate/")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/totp/activate/")
    faults = []
    for path in places_to_look_at:
        page.goto(f"{live_server.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        faults += [*in_the_wrong_language(page, lang), *faults_of(page)]
    assert not faults


def in_the_wrong_language(page: Page, lang: str) -> Iterator[str]:
    chinese = set(CJK.findall(page.locator("body").inner_text())) - {"中文"}
    if lang == "en" and chinese:
        yield f"{page.url} still says {chinese}"
    if lang == "zh" and not chinese:
        yield f"{page.url} says nothing in Chinese"
