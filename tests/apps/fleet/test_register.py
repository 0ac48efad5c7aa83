"""The register of the fleet, used as a dispatcher uses it: vehicles, vessels, terminals, what is fitted to what."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.models import Alarm, Contact, Conveyance, Fitting, LastPosition, Terminal
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def dispatcher(client_of) -> Client:
    return client_of("dispatch")


@pytest.fixture
def truck() -> Conveyance:
    return Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪A12345")


@pytest.fixture
def terminal() -> Terminal:
    return Terminal.objects.create(kind=TerminalKind.JT808, number="13800138000")


def text_of(page) -> str:
    return page.content.decode()


def locate(terminal: Terminal, conveyance: Conveyance | None, *, at: datetime, speed: int = 963) -> None:
    LastPosition.objects.update_or_create(
        terminal=terminal,
        defaults={
            "conveyance_id": conveyance and conveyance.pk, "at": at, "recorded_at": at, "lat": 31_230_400,
            "lon": 121_473_700, "speed": speed, "course": 87,
        },
    )  # fmt: skip


def test_a_vehicle_is_added_by_any_way_of_writing_its_plate_and_found_by_any_other(dispatcher):
    answer = dispatcher.post("/app/fleet/vehicles/new", {"plate": "沪a·12345", "plate_colour": "2", "name": "12 号车"})
    row = Conveyance.objects.get()
    assert answer["Location"] == f"/app/fleet/{row.pk}"
    assert (row.plate, row.plate_colour, row.active) == ("沪A12345", 2, True)
    assert "沪A12345" in text_of(dispatcher.get("/app/fleet/?text=沪A 123"))
    assert "没有符合条件的车船" in text_of(dispatcher.get("/app/fleet/?text=粤B"))
    assert AuditRow.objects.filter(verb="conveyance.create", target=f"conveyance:{row.pk}").exists()


def test_an_unusual_number_is_kept_with_a_warning(dispatcher):
    page = dispatcher.post(
        "/app/fleet/vessels/new", {"name_en": "EVER TEST", "imo": "IMO 9074728", "mmsi": "413000001"}, follow=True
    )
    assert Conveyance.objects.get().imo == "9074728"
    assert "校验位不符" in text_of(page)


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        pytest.param("vehicles/new", {"plate": "沪A-12345"}, "已登记在另一辆车上", id="the plate is taken"),
        pytest.param("vessels/new", {"name": "无号"}, "船舶须有 IMO 编号或 MMSI", id="a vessel without a number"),
    ],
)
def test_what_cannot_be_is_said_on_the_form(dispatcher, truck, path, form, said):
    page = dispatcher.post(f"/app/fleet/{path}", form)
    assert page.status_code == 422
    assert said in text_of(page)


def test_a_vehicle_that_carries_a_terminal_stays_in_use(dispatcher, truck, terminal):
    Terminal.objects.update(conveyance=truck)
    page = dispatcher.post(f"/app/fleet/{truck.pk}/edit", {"plate": "沪A12345"})
    assert "请先拆下终端" in text_of(page)
    Terminal.objects.update(conveyance=None)
    dispatcher.post(f"/app/fleet/{truck.pk}/edit", {"plate": "沪A12345", "name": "旧车"})
    assert "旧车" not in text_of(dispatcher.get("/app/fleet/"))
    assert "旧车" in text_of(dispatcher.get("/app/fleet/?retired=on"))


@pytest.mark.req("A20", part="a stale position of a vehicle is labelled with its age")
def test_a_position_is_shown_with_its_speed_and_an_old_one_as_old(dispatcher, truck, terminal):
    locate(terminal, truck, at=datetime.now(UTC))
    page = text_of(dispatcher.get(f"/app/fleet/{truck.pk}"))
    assert "96.3 公里/小时" in page
    assert "31.230400, 121.473700" in page
    assert "实时" in page
    locate(terminal, truck, at=datetime.now(UTC) - timedelta(hours=3))
    page = text_of(dispatcher.get(f"/app/fleet/{truck.pk}"))
    assert "位置已旧" in page
    assert "3 小时前" in page


def test_a_terminal_that_came_by_itself_is_shown_admitted_and_blocked(dispatcher, terminal):
    Terminal.objects.update(state=TerminalState.PENDING)
    assert "1 个终端自己接入" in text_of(dispatcher.get("/app/terminals/"))
    dispatcher.post(f"/app/terminals/{terminal.pk}/admit")
    assert Terminal.objects.get().state == TerminalState.ACTIVE
    dispatcher.post(f"/app/terminals/{terminal.pk}/block")
    assert Terminal.objects.get().state == TerminalState.BLOCKED
    verbs = AuditRow.objects.filter(target=f"terminal:{terminal.pk}").order_by("at").values_list("verb", flat=True)
    assert list(verbs) == ["terminal.admit", "terminal.block"]


def test_the_number_of_a_road_terminal_has_no_leading_zeros(dispatcher):
    dispatcher.post("/app/terminals/new", {"kind": "jt808", "number": "013800138001"})
    dispatcher.post("/app/terminals/new", {"kind": "http", "number": "00042"})
    assert set(Terminal.objects.values_list("number", flat=True)) == {"13800138001", "00042"}
    page = dispatcher.post("/app/terminals/new", {"kind": "jt808", "number": "13800138001"})
    assert "该终端号已存在" in text_of(page)


def test_the_page_of_a_terminal_tells_what_was_set_aside_and_why(dispatcher, terminal):
    counts = {"stored": 420, "static": 77, "jump": 3, "bad_checksum": 2}
    Contact.objects.create(
        terminal=terminal, last_at=NOW, connected_at=NOW, gateway="gate-1", peer="10.0.0.9", counts=counts
    )
    page = text_of(dispatcher.get(f"/app/terminals/{terminal.pk}"))
    for told in ("500", "77", "bad_checksum", "gate-1", "10.0.0.9", "已连接", "1. 未定位", "7. 静止"):
        assert told in page, told
    row = text_of(dispatcher.get("/app/terminals/?text=138"))
    assert re.search(r'class="num"[^>]*>80</td><td class="num"[^>]*>2</td>', row)


def test_filters_are_switched_one_by_one_and_a_lying_device_is_forced(dispatcher, terminal):
    form = {"version": "2013", "dialect": "acme", "filters": ["invalid", "zero", "future", "ancient", "duplicate"]}
    dispatcher.post(f"/app/terminals/{terminal.pk}/edit", form)
    row = Terminal.objects.get()
    assert (row.forced_version, row.dialect, row.filters_off) == (2013, "acme", ["jump", "static"])
    page = dispatcher.post(f"/app/terminals/{terminal.pk}/edit", form | {"filters": ["fuel"]})
    assert page.status_code == 422


def test_a_new_code_is_shown_once_and_stands_in_no_audit(dispatcher, terminal):
    page = dispatcher.post(f"/app/terminals/{terminal.pk}/code")
    assert page["Cache-Control"] == "no-store"
    code = re.search(r'hj-secret">([^<]+)<', text_of(page)).group(1)
    assert Terminal.objects.get().auth_code == code
    assert code not in text_of(dispatcher.get(f"/app/terminals/{terminal.pk}"))
    assert code not in str(list(AuditRow.objects.values_list("changed", flat=True)))


def test_a_terminal_is_fitted_taken_off_and_fitted_elsewhere(dispatcher, truck, terminal):
    other = Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪B99999")
    locate(terminal, None, at=NOW - timedelta(days=1))
    dispatcher.post(f"/app/terminals/{terminal.pk}/fit", {"conveyance": "沪A 12345"})
    assert Terminal.objects.get().conveyance == truck
    assert LastPosition.objects.get().conveyance_id is None, "it stood there before it was fitted"
    page = dispatcher.post(f"/app/terminals/{terminal.pk}/fit", {"conveyance": "沪B99999"})
    assert "请先拆下" in text_of(page)
    dispatcher.post(f"/app/terminals/{terminal.pk}/take-off", {"at": ""})
    dispatcher.post(f"/app/terminals/{terminal.pk}/fit", {"conveyance": "沪B99999"})
    spans = Fitting.objects.order_by("since")
    assert [(span.conveyance_id, span.until is None) for span in spans] == [(truck.pk, False), (other.pk, True)]
    assert spans[0].until <= spans[1].since
    assert "装拆记录" in text_of(dispatcher.get(f"/app/fleet/{truck.pk}"))


def test_a_fitting_tells_the_time_of_the_readers_own_clock_and_none_ahead(dispatcher, truck, terminal):
    tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M}"
    page = dispatcher.post(f"/app/terminals/{terminal.pk}/fit", {"conveyance": "沪A12345", "at": tomorrow, "offset_min": "0"})  # fmt: skip
    assert "不能晚于现在" in text_of(page)
    dispatcher.post(
        f"/app/terminals/{terminal.pk}/fit",
        {"conveyance": "沪A12345", "at": "2026-11-01T08:00", "offset_min": "480"},
    )
    assert Fitting.objects.get().since == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)


def test_open_and_past_alarms_are_listed_apart(dispatcher, truck, terminal):
    told = {"terminal": terminal, "conveyance": truck, "source": "terminal", "opened_at": NOW, "last_at": NOW}
    Alarm.objects.create(kind="overspeed", **told)
    Alarm.objects.create(kind="fatigue", cleared_at=NOW, **told)
    now, past = text_of(dispatcher.get("/app/fleet/alarms")), text_of(dispatcher.get("/app/fleet/alarms?part=over"))
    assert [word in now for word in ("超速", "疲劳驾驶")] == [True, False]
    assert [word in past for word in ("超速", "疲劳驾驶")] == [False, True]
    assert "沪A12345" in text_of(dispatcher.get("/app/fleet/alarms?kind=overspeed"))


def test_who_only_sees_the_fleet_changes_nothing(client_of, terminal, truck):
    manager = client_of("dept_manager")
    assert "安装到车船" not in text_of(manager.get(f"/app/terminals/{terminal.pk}"))
    assert manager.post(f"/app/terminals/{terminal.pk}/block").status_code == 403
    assert manager.post(f"/app/fleet/{truck.pk}/edit", {"plate": "沪B1"}).status_code == 403
    assert client_of("courier").get("/app/fleet/").status_code == 403
