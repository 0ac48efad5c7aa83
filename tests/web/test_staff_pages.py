"""The workspace pages of staff, departments, roles, keys and the audit, used as an IT admin uses them."""

import re

import pytest
from django.test import Client

from huoji.apps.accounts.models import ApiKey, AuditRow, Department, Role, Staff
from huoji.core.permission import KeyScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(client_of) -> Client:
    return client_of("it_admin", number="IT01")


def secret_on(page) -> str:
    assert page["Cache-Control"] == "no-store"
    return re.search(r'hj-secret">([^<]+)<', page.content.decode()).group(1)


def test_an_admin_takes_somebody_on_who_then_signs_in(it):
    it.post("/app/departments/new", {"code": "cs", "name": "客服部"})
    page = it.post(
        "/app/staff/new",
        {
            "staff_number": "8012",
            "name": "李敏",
            "department_id": Department.objects.get().pk,
            "role": "cs_agent",
            "phone": "",
        },
    )
    password = secret_on(page)
    fresh = Client()
    assert fresh.post("/accounts/login/", {"login": "8012", "password": password}).status_code == 302
    assert fresh.get("/app/staff/")["Location"] == "/accounts/password/change/"
    assert password not in str(list(AuditRow.objects.values_list("changed", "cause")))


def test_a_taken_number_is_said_on_the_form(it):
    page = it.post("/app/staff/new", {"staff_number": "it01", "name": "x", "role": "cs_agent"})
    assert page.status_code == 422
    assert "该工号已存在" in page.content.decode()


def test_the_list_finds_by_number_name_and_department_and_pages(it, make_staff):
    for index in range(55):
        make_staff("courier", number=f"C{index:03}")
    first = it.get("/app/staff/?text=C0")
    assert first.content.decode().count("/app/staff/") > 50
    following = it.get(
        "/app/staff/" + re.search(r'rel="next" href="([^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    )
    assert "C054" in following.content.decode()
    assert "没有符合条件的员工" in it.get("/app/staff/?text=nobody").content.decode()


def test_a_leaver_loses_his_keys_and_every_step_needs_a_reason(it, make_staff, make_key):
    gone = make_staff("dispatch", number="D1")
    make_key("staff:D1", KeyScope.SHIPMENTS_READ)
    path = f"/app/staff/{gone.staff_id}"
    assert it.post(f"{path}/leave", {}).status_code == 422
    assert Staff.objects.get(pk=gone.staff_id).is_active
    it.post(f"{path}/leave", {"cause": "合同到期"})
    assert not Staff.objects.get(pk=gone.staff_id).is_active
    assert AuditRow.objects.get(verb="staff.leave").cause == "合同到期"
    page = it.get(path).content.decode()
    assert "已离职" in page
    assert "合同到期" in page


def test_nobody_closes_his_own_account(it):
    answer = it.post(f"/app/staff/{it.actor.staff_id}/leave", {"cause": "x"})
    assert answer.status_code == 422
    assert Staff.objects.get(staff_number="IT01").is_active


def test_departments_are_a_tree_without_circles(it):
    it.post("/app/departments/new", {"code": "a", "name": "甲"})
    a = Department.objects.get(code="a")
    it.post("/app/departments/new", {"code": "b", "name": "乙", "parent_id": a.pk})
    b = Department.objects.get(code="b")
    assert b.parent_id == a.pk
    page = it.post(f"/app/departments/{a.pk}", {"name": "甲", "parent_id": b.pk})
    assert page.status_code == 422
    assert "部门不能成为自己的上级" in page.content.decode()


@pytest.mark.req("A14", part="the hierarchy of roles is edited on a page, has three levels and inherits upward")
def test_a_role_is_edited_and_its_superior_inherits(it, client_of):
    it.post("/app/roles/new", {"code": "team_lead", "name": "组长"})
    it.post("/app/roles/team_lead", {"superior": "", "scope": "all", "permissions": ["export:run"], "cause": "试行"})
    it.post("/app/roles/new", {"code": "trainee", "name": "实习"})
    it.post(
        "/app/roles/trainee", {"superior": "team_lead", "scope": "sites", "permissions": ["event:add"], "cause": "试行"}
    )
    it.post("/app/roles/new", {"code": "helper", "name": "帮工"})
    it.post(
        "/app/roles/helper", {"superior": "trainee", "scope": "sites", "permissions": ["scan:add"], "cause": "试行"}
    )
    from huoji.apps.accounts.queries.actors import role_grants

    assert {"scan:add", "event:add", "export:run", "case:create"} <= role_grants()["team_lead"].permissions
    assert "export:run" not in role_grants()["helper"].permissions
    page = it.get("/app/roles/").content.decode()
    assert "组长" in page
    assert "○" in page


def test_editing_a_role_on_the_page_takes_nothing_that_the_page_does_not_show(it):
    before = set(Role.objects.get(code="cs_agent").permissions)
    it.post(
        "/app/roles/cs_agent",
        {"superior": "cs_supervisor", "scope": "all", "permissions": ["shipment:view"], "cause": "x"},
    )
    after = set(Role.objects.get(code="cs_agent").permissions)
    assert "case:reply" in before & after
    assert "shipment:edit" in before - after
    it.post("/app/roles/cs_agent/reset")
    assert set(Role.objects.get(code="cs_agent").permissions) == before


def test_a_role_that_would_let_it_read_customers_is_refused(it):
    page = it.post(
        "/app/roles/it_admin", {"superior": "", "scope": "all", "permissions": ["party:unmask"], "cause": "x"}
    )
    assert page.status_code == 422
    assert "party:unmask" not in Role.objects.get(code="it_admin").permissions


def test_a_key_is_issued_shown_once_used_and_revoked(it, client, make_staff):
    holder = make_staff("cs_agent", number="8012")
    form = it.get(f"/app/staff/{holder.staff_id}/keys/new").content.decode()
    assert 'value="shipments:read"' in form
    assert 'value="storage:write"' not in form  # his role stores nothing
    asked = {"name": "ERP", "scopes": ["shipments:read"], "expires_on": "9999-12-31"}  # as people write never
    raw = secret_on(it.post(f"/app/staff/{holder.staff_id}/keys/new", asked))
    assert raw not in it.get("/app/keys/").content.decode()
    assert client.get("/api/v1/problems", headers={"authorization": f"Bearer {raw}"}).status_code == 200
    assert "刚刚" in it.get("/app/keys/").content.decode() or ApiKey.objects.get().last_used_at
    it.post(f"/app/keys/{ApiKey.objects.get().pk}/revoke", {"cause": "停用 ERP"})
    assert client.get("/api/v1/problems", headers={"x-api-key": raw}).status_code == 401


def test_the_audit_is_filtered_by_who_what_and_when(it, make_staff):
    make_staff("courier", number="C1")
    page = it.get("/app/audit/?verb=staff.&target=staff:C1").content.decode()
    assert "staff.create" in page
    assert "role.assign" not in page
    assert "没有符合条件的记录" in it.get("/app/audit/?until=2001-01-01").content.decode()
    assert "staff.create" in it.get("/app/audit/?target=staff:C1&since=0001-01-01&until=9999-12-31").text
    assert it.get("/app/audit/?since=nonsense").status_code == 200
    assert it.get("/app/audit/?cursor=forged").status_code == 400


def test_the_workspace_leads_strangers_to_the_sign_in_and_back(client):
    answer = client.get("/app/staff/?text=a")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Fapp%2Fstaff%2F%3Ftext%3Da"


@pytest.mark.req("A01", part="a customer's key is refused by every page of staff")
def test_a_key_opens_no_page_of_the_workspace(client, make_key, make_staff):
    make_staff("it_admin", number="IT9")
    for principal in ("customer:1", "partner:1", "staff:IT9"):
        raw = make_key(principal, KeyScope.SHIPMENTS_READ)
        assert client.get("/app/staff/", headers={"x-api-key": raw}).status_code == 403


def test_an_anonymous_request_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/help").status_code == 200


def test_an_unknown_key_is_told_so(client):
    answer = client.get("/api/v1/problems", headers={"authorization": "Bearer hj_00000000_nothing"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_key"
