"""Sites are known to every process at once, by all their names, without asking the database each time."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from huoji.apps.places import actions, queries
from huoji.apps.places.models import Alias, Lane, PlacesVersion, Site
from huoji.apps.places.queries import atlas
from huoji.core.milestone import Mode
from huoji.core.permission import ANONYMOUS, Permission, system
from huoji.core.place import SiteDraft, SiteKind, place_key
from huoji.core.wording import Lang
from huoji.kit.problem import Problem

SYSTEM = system("tests")
NINGBO = SiteDraft(
    code="CNNGB",
    name="宁波港",
    name_en="Port of Ningbo",
    kind=SiteKind.PORT,
    locode="CNNGB",
    area="330200",
    lat=29.87,
    lon=121.55,
)
WUHAN = SiteDraft(code="WH-HUB", name="武汉分拨中心", name_en="Wuhan Hub", kind=SiteKind.HUB, area="420100")

pytestmark = pytest.mark.django_db


@pytest.fixture
def ningbo() -> int:
    return actions.create_site(SYSTEM, NINGBO)


@pytest.fixture
def wuhan() -> int:
    return actions.create_site(SYSTEM, WUHAN)


def test_a_site_is_found_by_code_name_locode_and_alias_however_they_are_written(ningbo):
    actions.add_alias(SYSTEM, site_id=ningbo, text="CNNBO")
    for text in ("CNNGB", "cnngb", "ＣＮＮＧＢ", "宁波港", " 【宁波港】", "port of ningbo", "Port-of-Ningbo", "CN NBO"):
        assert queries.resolve(text) == ningbo, text
    assert queries.resolve("宁波") is None
    assert queries.resolve("") is None
    assert queries.resolve_many({"cnnbo", "宁波", "宁波港"}) == {"cnnbo": ningbo, "宁波港": ningbo}


def test_a_name_that_two_sites_share_means_neither_until_an_alias_decides(ningbo):
    other = actions.create_site(SYSTEM, SiteDraft(code="NB-2", name="宁波港", kind=SiteKind.PORT, locode="CNNGB"))
    assert queries.resolve("宁波港") is None
    actions.add_alias(SYSTEM, site_id=other, text="宁波港")
    assert queries.resolve("宁波港") == other
    assert queries.resolve("CNNGB") == ningbo


def test_names_are_told_in_the_readers_language(ningbo, wuhan):
    assert queries.place_name(ningbo, lang=Lang.ZH) == "宁波港"
    assert queries.place_name(ningbo, lang=Lang.EN) == "Port of Ningbo"
    actions.edit_site(SYSTEM, SiteDraft(code="WH-HUB", name="武汉分拨中心", kind=SiteKind.HUB))
    assert queries.place_name(wuhan, lang=Lang.EN) == "武汉分拨中心"
    assert queries.place_name(0, lang=Lang.EN) == ""


def test_within_a_second_no_question_reaches_the_database(ningbo, django_assert_num_queries):
    queries.places()
    with django_assert_num_queries(0):
        assert queries.place_name(ningbo, lang=Lang.ZH) == "宁波港"
        assert queries.resolve("宁波港") == ningbo
        assert queries.site_ids_of(1) == frozenset()


def test_after_a_second_one_question_tells_that_nothing_changed(ningbo, django_assert_num_queries, monkeypatch):
    before = queries.places()
    monkeypatch.setattr(atlas, "FRESH_S", 0.0)
    with django_assert_num_queries(1):
        assert queries.places() is before


def test_what_another_process_changed_is_seen_when_its_token_is(ningbo, monkeypatch):
    queries.places()
    monkeypatch.setattr(atlas, "FRESH_S", 0.0)
    Site.objects.filter(pk=ningbo).update(name="宁波舟山港")
    assert queries.place_name(ningbo, lang=Lang.ZH) == "宁波港"
    PlacesVersion.objects.update(token="00000000-0000-4000-8000-000000000000")
    assert queries.place_name(ningbo, lang=Lang.ZH) == "宁波舟山港"


def test_staff_work_at_sites(ningbo, wuhan, make_staff):
    courier = make_staff("courier", number="C0001")
    actions.assign_staff(SYSTEM, site_id=ningbo, staff_number="c0001 ")
    actions.assign_staff(SYSTEM, site_id=ningbo, staff_number="C0001")
    actions.assign_staff(SYSTEM, site_id=wuhan, staff_number="C0001")
    assert queries.site_ids_of(courier.staff_id) == {ningbo, wuhan}
    [row] = queries.staff_of(wuhan)
    assert row.staff_number == "C0001"
    actions.withdraw_staff(SYSTEM, site_id=wuhan, assignment_id=row.assignment_id)
    assert queries.site_ids_of(courier.staff_id) == {ningbo}
    with pytest.raises(Problem, match="unknown_staff"):
        actions.assign_staff(SYSTEM, site_id=ningbo, staff_number="NOBODY")


def test_a_text_means_one_site_only(ningbo, wuhan):
    actions.add_alias(SYSTEM, site_id=ningbo, text="北仑")
    actions.add_alias(SYSTEM, site_id=ningbo, text="北 仑")
    assert Alias.objects.count() == 1
    for text in ("北仑!", "WH-hub"):
        with pytest.raises(Problem, match="alias_taken"):
            actions.add_alias(SYSTEM, site_id=wuhan if text == "北仑!" else ningbo, text=text)
    with pytest.raises(Problem, match="invalid_alias"):
        actions.add_alias(SYSTEM, site_id=ningbo, text="【 】")
    actions.remove_alias(SYSTEM, site_id=ningbo, alias_id=queries.aliases_of(ningbo)[0].id)
    assert queries.resolve("北仑") is None


def test_lanes_join_two_sites(ningbo, wuhan):
    actions.put_lane(SYSTEM, origin_id=ningbo, destination_id=wuhan, mode=Mode.ROAD, planned_min=780, distance_km=850)
    actions.put_lane(SYSTEM, origin_id=ningbo, destination_id=wuhan, mode=Mode.ROAD, planned_min=760, distance_km=840)
    actions.put_lane(SYSTEM, origin_id=ningbo, destination_id=wuhan, mode=Mode.RAIL, planned_min=900, distance_km=None)
    quickest = queries.lane(ningbo, wuhan)
    assert (quickest.planned_min, quickest.distance_km, quickest.mode) == (760, 840, Mode.ROAD)
    assert len(queries.lanes_of(wuhan)) == 2
    with pytest.raises(Problem, match="invalid_lane"):
        actions.put_lane(SYSTEM, origin_id=ningbo, destination_id=ningbo, mode=Mode.ROAD, planned_min=1, distance_km=1)
    actions.remove_lane(SYSTEM, site_id=ningbo, lane_id=quickest.id)
    assert Lane.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "lower"), ("code", ""), ("code", "A" * 21), ("name", " "), ("locode", "CNN1B"), ("area", "33020"), ("lat", 91.0),
        ("lon", 181.0), ("time_zone", "Moon/Crater"), ("time_zone", "../etc/passwd"), ("phone", "1" * 41),
    ],
)  # fmt: skip
def test_a_faulty_site_is_refused_by_the_name_of_its_field(field, value):
    values = {"code": "X", "name": "某站", "kind": SiteKind.OUTLET, "lat": 1.0, "lon": 1.0} | {field: value}
    with pytest.raises(Problem, match="invalid_site") as refused:
        actions.create_site(SYSTEM, SiteDraft(**values))
    assert refused.value.extra["field"] == field


def test_the_database_is_the_second_wall(ningbo):
    for faulty in (
        {"code": "bad code", "kind": "hub"},
        {"code": "OK", "kind": "moon"},
        {"code": "OK", "kind": "hub", "lat": 1.0},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Site.objects.create(name="x", **faulty)


def test_nobody_changes_places_without_the_permission(ningbo):
    with pytest.raises(PermissionDenied, match=Permission.PLACE_MANAGE.value):
        actions.create_site(ANONYMOUS, WUHAN)
    with pytest.raises(PermissionDenied):
        actions.add_alias(ANONYMOUS, site_id=ningbo, text="x")


def test_creating_a_site_twice_is_refused_but_putting_it_is_not(ningbo):
    with pytest.raises(Problem, match="site_taken"):
        actions.create_site(SYSTEM, NINGBO)
    assert actions.put_site(SYSTEM, NINGBO) == (ningbo, False)


def test_many_places_are_loaded_at_once_and_loading_again_changes_nothing():
    lane = actions.LaneDraft(origin="CNNGB", destination="WH-HUB", mode=Mode.ROAD, planned_min=780, distance_km=850)
    for _ in range(2):
        ids = actions.load_places(
            SYSTEM, sites=[NINGBO, WUHAN], aliases={"CNNBO": "CNNGB"}, lanes=[lane], dataset="demo"
        )
    assert ids == {site.code: site.pk for site in Site.objects.all()}
    assert queries.resolve("cnnbo") == ids["CNNGB"]
    assert Lane.objects.filter(dataset="demo").count() == 1


def test_unknown_texts_are_counted_by_whoever_holds_the_events(ningbo, monkeypatch):
    monkeypatch.setattr(queries.unknown, "_counters", [])
    rows = [
        queries.Unknown(text=text, events=events)
        for text, events in (("北仑港", 7), ("宁波港", 9), ("…", 5), ("镇海", 8))
    ]
    queries.count_unknown_texts_with(lambda limit: rows[:limit])
    assert [row.text for row in queries.unknown_texts()] == ["镇海", "北仑港"]
    actions.add_alias(SYSTEM, site_id=ningbo, text="镇海")
    assert [row.text for row in queries.unknown_texts()] == ["北仑港"]


def test_texts_are_compared_by_letters_digits_and_han_alone():
    assert place_key(" 【上海】 Pudong-2 (浦东)") == place_key("上海pudong２浦东")
