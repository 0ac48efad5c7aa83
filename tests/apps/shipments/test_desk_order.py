"""Ordering by hand: three lines, faults beside their fields, a draft that outlives the browser and is no plain text."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from huoji.apps.accounts import queries as accounts
from huoji.apps.shipments.actions import desk

pytestmark = pytest.mark.django_db(transaction=True)

EXPRESS = {
    "line": "express", "origin": "上海", "destination": "成都", "goods": "纺织样品", "pieces": "2", "offset_min": "480",
    "shipper-name": "上海晨光纺织有限公司", "consignee-name": "张三丰", "consignee-phone": "13812345678",
}  # fmt: skip
OCEAN = EXPRESS | {
    "line": "ocean", "notify-name": "Van Dijk B.V.", "ref0-kind": "bill", "ref0-number": "COSU6100250",
    "ref1-kind": "container", "ref1-number": "CSQU3054383", "leg0-mode": "sea", "leg0-origin": "上海洋山港",
    "leg0-destination": "Rotterdam", "leg0-departs_at": "2026-12-01T08:00", "leg0-arrives_at": "2027-01-03T08:00",
    "leg0-vehicle_kind": "voyage", "leg0-vehicle": "IMO9074729/026W",
}  # fmt: skip


def order(client, form):
    return client.post("/app/shipments/new", form)


@pytest.mark.parametrize("line", ["express", "road", "ocean"])
def test_a_shipment_of_each_line_is_ordered_and_its_number_shown(line, client_of):
    agent = client_of("cs_agent")
    answer = order(agent, EXPRESS | {"line": line})
    assert answer.status_code == 302, answer.text
    number = answer["Location"].rpartition("/")[2]
    assert re.fullmatch(r"HJ\d{13}", number)
    html = agent.get(answer["Location"]).text
    assert f"运单 {number} 已创建" in html
    assert "上海 → 成都" in html
    assert [row.verb for row in accounts.audit_of(f"waybill:{number}", limit=5)] == ["shipment.create"]
    assert client_of("dispatch").get("/app/shipments/new").status_code == 403


def test_an_ocean_shipment_carries_its_numbers_parties_and_legs(client_of):
    agent = client_of("cs_agent")
    html = agent.get(order(agent, OCEAN)["Location"]).text
    for text in ("COSU6100250", "CSQU3054383", "通知方", "IMO9074729/026W", "上海洋山港", "Rotterdam"):
        assert text in html, text
    assert agent.get("/app/search", {"q": "COSU6100250"})["Location"].startswith("/app/shipments/HJ")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"goods": ""}, "id_goods"),
        ({"pieces": "0"}, "id_pieces"),
        ({"consignee-name": ""}, "id_consignee-name"),
        ({"weight_kg": "viel"}, "id_weight_kg"),
        ({"leg0-origin": "上海"}, "id_leg0-destination"),
        ({"leg1-origin": "上海", "leg1-destination": "成都", "leg1-vehicle": "沪A12345"}, "id_leg1-vehicle"),
        ({"number": "___"}, "id_number"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(wrong, field, client_of):
    agent = client_of("cs_agent")
    answer = order(agent, EXPRESS | wrong)
    assert answer.status_code == 422
    assert "有几处需要改正" in answer.text
    assert "张三丰" in answer.text or wrong.get("consignee-name") == ""
    assert f'id="{field}_error"' in answer.text
    assert agent.get("/app/shipments").text.count("data-row ") == 0


def test_a_number_that_is_taken_is_refused_beside_it(client_of):
    agent = client_of("cs_agent")
    assert order(agent, EXPRESS | {"number": "MY-1"}).status_code == 302
    answer = order(agent, EXPRESS | {"number": "MY-1", "goods": "别的"})
    assert answer.status_code == 422
    assert "这个单号已经有运单了" in answer.text.split('id="id_number_error"')[1][:80]


def test_the_draft_is_kept_for_its_writer_sealed_and_gone_after_ordering(client_of):
    agent, other = client_of("cs_agent"), client_of("cs_agent")
    assert agent.post("/app/shipments/new/keep", EXPRESS | {"goods": "草稿里的货"}).status_code == 204
    html = agent.get("/app/shipments/new").text
    assert "已恢复草稿" in html
    assert "草稿里的货" in html
    assert "张三丰" in html
    assert "草稿里的货" not in other.get("/app/shipments/new").text
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(sealed, 'LATIN1') FROM kept_draft")
        [(sealed,)] = cursor.fetchall()
    assert "13812345678" not in sealed
    assert "zhang" not in sealed
    order(agent, EXPRESS)
    assert "已恢复草稿" not in agent.get("/app/shipments/new").text


def test_a_draft_is_thrown_away_by_its_writer_or_by_time(client_of):
    agent = client_of("cs_agent")
    agent.post("/app/shipments/new/keep", EXPRESS)
    agent.post("/app/shipments/new/discard")
    assert "已恢复草稿" not in agent.get("/app/shipments/new").text
    agent.post("/app/shipments/new/keep", EXPRESS)
    other = client_of("cs_agent").actor
    desk.keep_draft(other, {}, now=datetime.now(UTC) + timedelta(days=8))
    assert "已恢复草稿" not in agent.get("/app/shipments/new").text
    assert agent.post("/app/shipments/new/keep", {"remark": "x" * 70_000}).status_code == 413
