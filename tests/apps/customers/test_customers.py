"""Customers through their pages and their API: masked by default, seen in full for a reason, looked up under count."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from huoji.apps.accounts.actions import privacy
from huoji.apps.accounts.models import ApiKey, AuditRow
from huoji.apps.accounts.queries import alarms
from huoji.apps.customers import actions, queries
from huoji.apps.customers.models import Contact, Customer
from huoji.core.customer import AliasKind, CustomerKind
from huoji.core.permission import KeyScope
from huoji.kit.health import State
from huoji.kit.problem import Problem
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db
NAME, PHONE, MAIL, ADDRESS = "欧阳明日香", "13912345678", "mingri@example.cn", "上海市长宁区仙霞路99号3幢1204室"
WHOLE = (NAME, PHONE, MAIL, "1204")


@pytest.fixture
def acme() -> int:
    customer_id = actions.create_customer(SYSTEM, code="ACME", name="艾克米贸易有限公司", kind=CustomerKind.COMPANY)
    actions.add_contact(SYSTEM, customer_id=customer_id, name=NAME, phone=PHONE, email=MAIL, address=ADDRESS)
    return customer_id


def paths(customer_id: int) -> dict[str, str]:
    page = f"/app/customers/{customer_id}"
    return {"page": page, "unmask": f"{page}/contacts/{Contact.objects.get().pk}/unmask"}


@pytest.mark.req("T05", part="staff pages and the API mask a customer's persons")
def test_persons_are_masked_on_the_page_and_over_the_api(client_of, acme):
    agent = client_of("cs_agent")
    for answer in (agent.get(f"/app/customers/{acme}"), agent.get(f"/api/v1/customers/{acme}")):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "艾克米贸易有限公司" in text
        assert "139******78" in text
        assert not [word for word in WHOLE if word in text]


@pytest.mark.req("T03", part="every unmasking has a permission, a reason and a row")
def test_the_whole_is_seen_for_a_reason_that_is_kept(client_of, acme):
    agent = client_of("cs_agent", number="8012")
    where = paths(acme)["unmask"]
    assert NAME not in agent.get(where).content.decode()
    assert agent.post(where, {"cause": ""}).status_code == 422
    assert not AuditRow.objects.filter(verb="party.unmask").exists()
    shown = agent.post(where, {"cause": "客户要求核对地址"})
    assert all(word in shown.content.decode() for word in WHOLE)
    assert shown["Cache-Control"] == "no-store"
    row = AuditRow.objects.get(verb="party.unmask")
    assert (row.actor, row.cause) == ("staff:8012", "客户要求核对地址")
    assert not [word for word in WHOLE if word in str(row.changed)]


@pytest.mark.parametrize("role", ["it_admin", "finance", "dept_clerk", "dept_manager"])
def test_who_may_not_unmask_is_refused_and_sees_no_control(client_of, acme, role):
    other = client_of(role)
    assert other.post(paths(acme)["unmask"], {"cause": "x"}).status_code == 403
    assert "/unmask" not in other.get(paths(acme)["page"]).content.decode()
    assert not AuditRow.objects.filter(verb="party.unmask").exists()


@pytest.mark.req("T03", part="look-ups by name or phone are limited, counted and alarmed")
def test_looking_people_up_is_counted_limited_and_alarmed(client_of, acme, monkeypatch):
    monkeypatch.setattr(
        privacy, "SEARCH", privacy.Look(verb="party.search", permission=privacy.SEARCH.permission, per_hour=3)
    )
    agent = client_of("cs_agent", number="8012")
    for person in (PHONE, f"+86 {PHONE}", NAME):
        answer = agent.post("/app/customers/look-up", {"person": person})
        assert "ACME" in answer.content.decode()
        assert not [word for word in WHOLE if f">{word}<" in answer.content.decode()]
    for _ in range(2):
        refused = agent.post("/app/customers/look-up", {"person": PHONE})
        assert refused.status_code == 422
        assert "ACME" not in refused.content.decode()
    rows = AuditRow.objects.filter(actor="staff:8012", verb__startswith="party").order_by("id")
    assert [row.verb for row in rows] == ["party.search"] * 3 + ["party.alarm"]
    assert [row.changed.get("by") for row in rows][:3] == ["phone", "phone", "name"]
    assert PHONE not in str(list(rows.values_list("changed", "target", "cause")))
    assert "ACME" in client_of("cs_agent").post("/app/customers/look-up", {"person": PHONE}).content.decode(), (
        "others go on"
    )


def test_too_many_unmaskings_stop_and_the_alarm_stays(make_staff, acme, monkeypatch):
    monkeypatch.setattr(
        privacy, "UNMASK", privacy.Look(verb="party.unmask", permission=privacy.UNMASK.permission, per_hour=2)
    )
    agent = make_staff("cs_agent")
    contact_id = Contact.objects.get().pk
    for _ in range(2):
        actions.unmask_contact(agent, customer_id=acme, contact_id=contact_id, cause="x")
    with pytest.raises(Problem, match="too_many_looks"):
        actions.unmask_contact(agent, customer_id=acme, contact_id=contact_id, cause="x")
    assert AuditRow.objects.filter(verb="party.alarm", target="party.unmask").count() == 1
    told = alarms.looks(datetime.now(UTC))
    assert (told.state, told.figures["actors"]) == (State.WARN, [agent.principal])
    assert alarms.looks(datetime.now(UTC) + timedelta(hours=25)).state is State.OK


def test_the_free_search_finds_companies_and_never_persons(client_of, acme):
    actions.create_customer(SYSTEM, code="P1", name=NAME, kind=CustomerKind.PERSON)
    agent = client_of("cs_agent")
    assert "ACME" in agent.get("/app/customers/?text=艾克米").content.decode()
    assert "ACME" in agent.get("/app/customers/?text=acme").content.decode()
    for text in ("欧阳", PHONE, MAIL):
        page = agent.get(f"/app/customers/?text={text}").content.decode()
        assert "没有符合条件的客户" in page
    page = agent.get("/app/customers/").content.decode()
    assert NAME not in page
    assert "P1" in page


def test_a_short_look_up_is_refused_before_it_counts(client_of):
    agent = client_of("cs_agent")
    assert agent.post("/app/customers/look-up", {"person": "王"}).status_code == 422
    assert not AuditRow.objects.filter(verb="party.search").exists()


def test_a_manager_keeps_the_customer_book(client_of):
    manager = client_of("cs_manager")
    made = manager.post(
        "/app/customers/new",
        {"code": "blue-1", "kind": "partner", "name": "蓝海", "lines": ["ocean"], "account_number": "YJ88"},
    )
    customer = Customer.objects.get(code="BLUE-1")
    page = made["Location"]
    manager.post(f"{page}/contacts/new", {"name": "李雷", "phone": "021-62345678"})
    manager.post(f"{page}/aliases", {"kind": "reference", "text": "BL-"})
    manager.post(f"{page}/aliases", {"kind": "reference", "text": "BLX"})
    assert queries.id_of_reference("bl 2026/001") == customer.pk
    assert queries.id_of("blue-1") == customer.pk
    other = actions.create_customer(SYSTEM, code="OTHER", name="其他", kind=CustomerKind.COMPANY)
    with pytest.raises(Problem, match="alias_taken"):
        actions.add_alias(SYSTEM, customer_id=other, kind=AliasKind.REFERENCE, text="bl")
    assert manager.post("/app/customers/new", {"code": "BLUE-1", "kind": "company", "name": "x"}).status_code == 422
    manager.post(f"{page}/edit", {"name": "蓝海航运", "account_number": "YJ88"})
    customer.refresh_from_db()
    assert (customer.name, customer.is_active) == ("蓝海航运", False)
    manager.post(f"{page}/contacts/{Contact.objects.get().pk}/remove")
    assert not Contact.objects.exists()


def test_a_persons_name_is_not_shown_by_the_edit_form_and_stays_when_left_empty(client_of):
    customer_id = actions.create_customer(SYSTEM, code="P1", name=NAME, kind=CustomerKind.PERSON)
    manager = client_of("cs_manager")
    assert NAME not in manager.get(f"/app/customers/{customer_id}/edit").content.decode()
    manager.post(f"/app/customers/{customer_id}/edit", {"name": "", "account_number": "", "is_active": "on"})
    assert Customer.objects.get().name == NAME


def test_it_issues_a_key_that_acts_as_the_customer(client_of, client, acme):
    page = client_of("it_admin").post(f"/app/customers/{acme}/keys/new", {"name": "ERP", "scopes": ["shipments:read"]})
    raw = re.search(r'hj-secret">([^<]+)<', page.content.decode()).group(1)
    assert ApiKey.objects.get().principal == f"customer:{acme}"
    assert client.get("/api/v1/customers", headers={"x-api-key": raw}).status_code == 403
    refused = client_of("it_admin").post(f"/app/customers/{acme}/keys/new", {"name": "x", "scopes": ["metrics:read"]})
    assert refused.status_code == 422


def test_the_api_adds_and_lists_customers_by_pages(client, make_staff, make_key):
    make_staff("cs_manager", number="M1")
    headers = {"authorization": "Bearer " + make_key("staff:M1", KeyScope.CUSTOMERS_WRITE)}
    for index in range(3):
        body = {"code": f"C{index}", "name": "客户", "kind": "company"}
        answer = client.post("/api/v1/customers", body, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content
    first = client.get("/api/v1/customers?limit=2", headers=headers).json()
    rest = client.get(f"/api/v1/customers?limit=2&cursor={first['next']}", headers=headers).json()
    assert [row["code"] for row in first["rows"] + rest["rows"]] == ["C0", "C1", "C2"]
    again = client.post("/api/v1/customers", body, content_type="application/json", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "customer_code_taken")
    assert client.get("/api/v1/customers/999999", headers=headers).status_code == 404
    assert client.get("/api/v1/customers").status_code == 401
