"""The first page tells each what waits for him: nothing that he may not open, and as much as the list behind it holds."""

import re
from datetime import timedelta
from html import unescape

import pytest

from huoji.apps.accounts.actions import create_role
from huoji.apps.fleet.models import Alarm
from huoji.apps.places.actions import assign_staff
from huoji.apps.shipments import jobs
from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import CargoException, Unit
from huoji.core.exception import ExceptionKind
from huoji.core.permission import Permission, Scope
from huoji.core.role import DEFAULT_ROLES
from huoji.kit import paging
from huoji.web import start
from tests.apps.shipments import desk_world
from tests.apps.shipments.desk_world import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
TILE = re.compile(r'<a class="hj-card [a-z-]+" href="([^"]+)">.*?<b>(\d+\+?)</b><span>([^<]+)</span>')


@pytest.fixture
def world(db):
    world = desk_world.build()
    jobs.watch(world.now)
    for number, kind in (("HJEXP0001", ExceptionKind.DAMAGE), ("HJSEA0001", ExceptionKind.LOSS)):
        unit_id = Unit.objects.get(number=number).pk
        exceptions.open_exception(
            SYSTEM, Opening(kind=kind, at=world.now, source="tests", unit_id=unit_id), now=world.now
        )
    Alarm.objects.create(kind="offline", source="system", opened_at=world.now, last_at=world.now)
    return world


def tiles(html):
    return {label: (figure, unescape(href)) for href, figure, label in TILE.findall(html)}


def test_each_role_is_shown_what_it_may_open_and_no_more(world, client_of):
    for role in DEFAULT_ROLES:
        client = client_of(role.code)
        main = client.get("/app/").text.split('<main id="main"')[1].split("</main>")[0]
        for href in map(unescape, re.findall(r'href="(/app/[^"]+)"', main)):
            assert client.get(href).status_code == 200, (role.code, href)


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("cs_agent", {"停滞运单", "晚于计划"}, {"待受理的车船报警", "库存差异", "系统检查未通过"}),
        ("dispatch", {"停滞运单", "待受理的车船报警", "失联的终端"}, {"待上架", "系统检查未通过"}),
        ("it_admin", {"系统检查未通过", "失联的终端"}, {"停滞运单", "待受理的车船报警"}),
    ],
)
def test_a_count_is_of_what_the_list_behind_it_shows(world, client_of, role, shown, hidden):
    client = client_of(role)
    found = tiles(client.get("/app/").text)
    assert shown <= found.keys()
    assert not hidden & found.keys()
    for label, (figure, href) in found.items():
        if label not in ("系统检查未通过", "时间可疑"):
            body = client.get(href).text.partition("<tbody>")[2].partition("</tbody>")[0]
            assert body.count("<tr>") == int(figure), label


@pytest.mark.parametrize(
    "atom", ["alarm:handle", "command:approve", "fleet:manage", "storage:record", "storage:manage"]
)
def test_a_role_of_the_companys_own_is_led_to_nothing_that_it_may_not_open(world, client_of, atom):
    create_role(SYSTEM, code="own", name="own", scope=Scope.ALL, superior=None, permissions=[Permission(atom)])
    client = client_of("own")
    main = client.get("/app/").text.split('<main id="main"')[1].split("</main>")[0]
    for href in map(unescape, re.findall(r'href="(/app/[^"]+)"', main)):
        assert client.get(href).status_code == 200, href


def test_exceptions_stand_first_by_kind_the_gravest_first_and_what_one_took_up_stays_his(world, client_of):
    clerk, other = client_of("cs_agent"), client_of("cs_agent")
    html = clerk.get("/app/").text
    kinds = dict(re.findall(r'kind=(\w+)">[^<]+ <b>(\d+)</b>', html))
    assert kinds["damage"] == kinds["loss"] == "1"
    assert list(kinds).index("loss") < list(kinds).index("damage")
    assert "由我受理的异常" not in tiles(html)
    taken = CargoException.objects.get(kind="loss")
    clerk.post(f"/app/exceptions/{taken.pk}/acknowledge", {})
    figure, mine = tiles(clerk.get("/app/").text)["由我受理的异常"]
    assert figure == "1"
    assert f"/app/exceptions/{taken.pk}" in clerk.get(mine).text
    assert "由我受理的异常" not in tiles(other.get("/app/").text)
    assert f"/app/exceptions/{taken.pk}" not in other.get(mine).text


def test_who_works_at_a_site_is_shown_what_concerns_it_and_who_has_nothing_is_told_what_to_do(world, client_of):
    stranger, at_site = client_of("warehouse"), client_of("warehouse", number="ATSITE")
    assign_staff(SYSTEM, site_id=world.sites["WUH"], staff_number="ATSITE")
    assert "kind=damage" in at_site.get("/app/").text
    empty = stranger.get("/app/").text
    assert "kind=damage" not in empty
    assert "没有等着您处理的事" in empty
    assert 'btn-primary" href="/app/scan"' in client_of("courier").get("/app/").text


def test_a_count_ends_where_nobody_reads_it_any_more(world):
    every = Unit.objects.all()
    assert paging.count(every, most=2) == 3
    assert paging.count(every, most=1_000) == every.count()
    assert (start.said(start.MOST), start.said(start.MOST + 1)) == ("10000", "10000+")


def test_an_old_alarm_that_somebody_took_up_waits_no_more(world, client_of):
    Alarm.objects.update(acknowledged_at=world.now + timedelta(minutes=1), acknowledged_by="staff:1")
    found = tiles(client_of("dispatch").get("/app/").text)
    assert "待受理的车船报警" not in found
    assert found["失联的终端"][0] == "1"
