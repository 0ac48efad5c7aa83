"""Sites through their pages and the API."""

import json

import pytest
from django.test import Client

from huoji.apps.places import actions, queries
from huoji.core.milestone import Mode
from huoji.core.permission import KeyScope, system
from huoji.core.place import SiteDraft, SiteKind

SYSTEM = system("tests")
pytestmark = pytest.mark.django_db
HUB = {"name": "武汉分拨中心", "name_en": "Wuhan Hub", "kind": "hub", "area": "420100", "lat": 30.59, "lon": 114.3}


@pytest.fixture
def hub() -> int:
    return actions.create_site(SYSTEM, SiteDraft(code="WH-HUB", **HUB | {"kind": SiteKind.HUB}))


@pytest.fixture
def keyed(make_key):
    raw = make_key("customer:7", KeyScope.SHIPMENTS_READ)
    return Client(headers={"authorization": f"Bearer {raw}"})


@pytest.fixture
def keeper(client_of):
    return client_of("it_admin")


def test_a_key_that_may_see_shipments_may_read_sites(keyed, hub):
    page = keyed.get("/api/v1/places", {"text": "wuhan"}).json()
    assert [site["code"] for site in page["items"]] == ["WH-HUB"]
    one = keyed.get("/api/v1/places/WH-HUB").json()
    assert (one["name"], one["lat"], one["kind"]) == ("武汉分拨中心", 30.59, "hub")
    assert keyed.get("/api/v1/places/NOWHERE").json()["code"] == "not_found"
    assert keyed.put("/api/v1/places/WH-HUB", HUB, content_type="application/json").status_code == 403
    assert Client().get("/api/v1/places").status_code == 401


def test_a_site_is_put_once_however_often_it_is_sent(make_key, make_staff):
    make_staff("it_admin", number="IT1")
    writer = Client(headers={"authorization": f"Bearer {make_key('staff:IT1', KeyScope.PLACES_WRITE)}"})
    first = writer.put("/api/v1/places/WH-HUB", HUB, content_type="application/json")
    second = writer.put("/api/v1/places/WH-HUB", HUB | {"name": "武汉枢纽"}, content_type="application/json")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["name"] == "武汉枢纽"
    assert len(queries.places()) == 1


def test_staff_with_the_permission_put_a_site_from_their_session(keeper):
    answer = keeper.put("/api/v1/places/WH-HUB", HUB, content_type="application/json")
    assert answer.status_code == 201
    faulty = keeper.put("/api/v1/places/WH-HUB", HUB | {"time_zone": "Moon/Crater"}, content_type="application/json")
    assert faulty.status_code == 422
    assert faulty.json()["field"] == "time_zone"
    for wrong in (HUB | {"lat": 91}, HUB | {"kind": "moon"}, HUB | {"extra": 1}, {"kind": "hub"}):
        assert keeper.put("/api/v1/places/X", json.dumps(wrong), content_type="application/json").status_code == 422


def test_pages_of_the_list_follow_each_other(keyed):
    for number in range(7):
        actions.create_site(SYSTEM, SiteDraft(code=f"S-{number}", name=f"站{number}", kind=SiteKind.OUTLET))
    seen, cursor = [], ""
    while True:
        page = keyed.get("/api/v1/places", {"limit": 3, "cursor": cursor}).json()
        seen += [site["code"] for site in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [f"S-{number}" for number in range(7)]


def test_a_site_is_made_and_changed_on_its_page(keeper):
    made = keeper.post("/app/places/new", HUB | {"code": "wh-hub", "time_zone": "Asia/Shanghai", "active": "on"})
    assert made.headers["Location"] == "/app/places/WH-HUB/"
    again = keeper.post("/app/places/new", HUB | {"code": "WH-HUB", "time_zone": "Asia/Shanghai"})
    assert again.status_code == 422
    assert "该站点编码已存在" in again.content.decode()
    keeper.post("/app/places/WH-HUB/edit", HUB | {"name": "武汉枢纽", "code": "OTHER", "time_zone": "Asia/Shanghai"})
    place = queries.place_of_code("WH-HUB")
    assert (place.name, place.active) == ("武汉枢纽", False)
    faulty = keeper.post("/app/places/WH-HUB/edit", HUB | {"lon": "", "time_zone": "Moon/Crater"})
    assert faulty.status_code == 422
    assert "纬度和经度要么都填" in faulty.content.decode()


def test_aliases_staff_and_lanes_are_kept_on_the_page_of_the_site(keeper, make_staff, hub):
    actions.create_site(SYSTEM, SiteDraft(code="CS-HUB", name="长沙分拨中心", kind=SiteKind.HUB))
    courier = make_staff("courier", number="C1")
    assert keeper.post("/app/places/WH-HUB/aliases", {"text": "江城"}).status_code == 302
    assert keeper.post("/app/places/CS-HUB/aliases", {"text": "江城"}).status_code == 422
    assert keeper.post("/app/places/WH-HUB/staff", {"staff_number": "C1"}).status_code == 302
    assert keeper.post("/app/places/WH-HUB/staff", {"staff_number": "C9"}).status_code == 422
    lane = {"destination": "长沙分拨中心", "mode": "road", "planned_min": 300, "distance_km": 350}
    assert keeper.post("/app/places/WH-HUB/lanes", lane).status_code == 302
    assert keeper.post("/app/places/WH-HUB/lanes", lane | {"destination": "nowhere"}).status_code == 422
    text = keeper.get("/app/places/WH-HUB/").content.decode()
    for word in ("江城", "C1", "长沙分拨中心", "350", "公路"):
        assert word in text
    assert queries.site_ids_of(courier.staff_id) == {hub}
    english = keeper.get("/app/places/WH-HUB/?lang=en").content.decode()
    assert "Wuhan Hub" in english
    assert "road" in english


def test_every_request_of_staff_knows_its_sites(client_of, hub, settings):
    courier = client_of("courier", number="C7")
    actions.assign_staff(SYSTEM, site_id=hub, staff_number="C7")
    assert courier.get("/app/places/").wsgi_request.actor.site_ids == {hub}


def test_one_click_gives_an_unknown_text_its_site(keeper, hub, monkeypatch):
    monkeypatch.setattr(queries.unknown, "_counters", [])
    queries.count_unknown_texts_with(lambda limit: [queries.Unknown(text="江城转运", events=42)][:limit])
    assert "江城转运" in keeper.get("/app/places/unknown").content.decode()
    assert keeper.post("/app/places/unknown", {"text": "江城转运", "site": "nowhere"}).status_code == 422
    answer = keeper.post("/app/places/unknown", {"text": "江城转运", "site": "WH-HUB"}, follow=True)
    assert "今后指向 武汉分拨中心" in answer.content.decode()
    assert "没有未识别的地点" in answer.content.decode()
    assert queries.resolve("【江城转运】") == hub


def test_the_list_finds_a_site_by_any_of_its_names(keeper, hub):
    actions.add_alias(SYSTEM, site_id=hub, text="江城")
    for text in ("wh-", "武汉", "Wuhan", "420100", "江 城", ""):
        assert "WH-HUB" in keeper.get("/app/places/", {"text": text}).content.decode(), text
    assert "没有符合条件的站点" in keeper.get("/app/places/", {"text": "拉萨"}).content.decode()


def test_who_may_only_look_sees_no_button_and_is_refused(client_of, hub):
    agent = client_of("cs_agent")
    actions.create_site(SYSTEM, SiteDraft(code="CS-HUB", name="长沙分拨中心", kind=SiteKind.HUB))
    actions.put_lane(
        SYSTEM, origin_id=hub, destination_id=queries.resolve("CS-HUB"), mode=Mode.ROAD, planned_min=1, distance_km=1
    )
    page = agent.get("/app/places/WH-HUB/")
    assert page.status_code == 200
    assert "<form" not in page.content.decode().split('id="main"')[1]
    for path in ("new", "unknown", "WH-HUB/edit"):
        assert agent.get(f"/app/places/{path}").status_code == 403
    for path in ("WH-HUB/aliases", "WH-HUB/staff", "WH-HUB/lanes"):
        assert agent.post(f"/app/places/{path}", {"text": "x"}).status_code == 403
    assert Client().get("/app/places/").status_code in (302, 401)
