"""The first page of the workspace, where everybody's day begins: what waits for whoever opens it, counted, each count leading to its list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huoji.apps.fleet.queries import alarms, commands, plans, terminals
from huoji.apps.shipments.queries import exceptions, imports, lists, worklists
from huoji.apps.shipments.queries.exceptions import Asked as Exceptions
from huoji.apps.shipments.queries.lists import Asked as Shipments
from huoji.apps.warehouse.queries import oddities, stock
from huoji.apps.warehouse.queries.stock import StockFilter
from huoji.core.alarm import OFFLINE
from huoji.core.exception import ExceptionState
from huoji.core.milestone import Status
from huoji.core.permission import Actor, Permission, Scope
from huoji.kit import health, paging
from huoji.kit.http import Request, needs
from huoji.web.navigation import ROOMS

MOST = 10_000  # beyond this a tile says "10000+"
TOOLS = ("dispatch", "storage-scan", "scan", "shipment-new", "imports")  # rooms to begin in, as buttons
TOOLS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One thing that may wait: for who has the permission and may open the list of what `count` counted, at `url` and `query`."""

    label: str | Promise
    hint: str | Promise
    icon: str
    tone: str
    permission: Permission
    url: str
    query: str = ""
    count: Callable[[Actor, datetime], int]


def _shipments(asked: Shipments) -> Callable[[Actor, datetime], int]:
    return lambda actor, _now: lists.counted(actor, asked)


def _stock(asked: StockFilter) -> Callable[[Actor, datetime], int]:
    return lambda actor, now: stock.counted(actor, asked, now=now, most=MOST)


def _on_the_road(actor: Actor, _now: datetime) -> int:
    """Count what is out for delivery from the actor's sites; of all sites it waits for nobody in particular."""
    return lists.counted(actor, Shipments(status=Status.OUT_FOR_DELIVERY)) if actor.scope is Scope.SITES else 0


# What hurts most comes first.
TILES: tuple[Tile, ...] = (
    Tile(label=_("系统检查未通过"), hint=_("正在报警或需要留意"), icon="heartbeat", tone="bad", permission=Permission.HEALTH_VIEW,
         url="health", count=lambda _actor, now: sum(row.state is not health.State.OK for row in health.standings(now=now))),
    Tile(label=_("待受理的车船报警"), hint=_("还没有人受理"), icon="bell", tone="bad", permission=Permission.ALARM_HANDLE, url="alarms",
         query="part=waiting", count=lambda actor, _now: alarms.count_waiting(actor, most=MOST)),
    Tile(label=_("由我受理的异常"), hint=_("受理后尚未解除"), icon="user", tone="move", permission=Permission.EXCEPTION_HANDLE,
         url="exceptions", query="state=acknowledged&mine=on",
         count=lambda actor, _now: exceptions.counted(actor, Exceptions(state=ExceptionState.ACKNOWLEDGED, is_mine=True), most=MOST)),
    Tile(label=_("待查的货物异常"), hint=_("货损、短少、丢失等待仓库调查"), icon="box", tone="bad", permission=Permission.STORAGE_RECORD,
         url="storage-anomalies", count=lambda actor, _now: oddities.waiting_count(actor)),
    Tile(label=_("待批准的指令"), hint=_("需要第二个人同意"), icon="users", tone="warn", permission=Permission.COMMAND_APPROVE,
         url="commands", query="part=approval", count=lambda actor, _now: commands.count_waiting(actor)),
    Tile(label=_("停滞运单"), hint=_("超过时限没有新消息"), icon="clock-pause", tone="warn", permission=Permission.EXCEPTION_HANDLE,
         url="stalled", count=_shipments(Shipments(stalled=True, is_open=True))),
    Tile(label=_("晚于计划"), hint=_("尚未结束的运单"), icon="calendar-time", tone="warn", permission=Permission.EXCEPTION_HANDLE,
         url="shipment-list", query="late=on&open=on&order=late", count=_shipments(Shipments(late=True, is_open=True))),
    Tile(label=_("库存差异"), hint=_("对不上的出入库和盘点"), icon="adjustments", tone="warn", permission=Permission.STORAGE_MANAGE,
         url="storage-discrepancies", count=lambda actor, _now: oddities.count_discrepancies(actor, most=MOST)),
    Tile(label=_("在库超期"), hint=_("在仓库停留过久"), icon="clock-exclamation", tone="warn", permission=Permission.STORAGE_RECORD,
         url="storage", query="overdue=on", count=_stock(StockFilter(overdue=True))),
    Tile(label=_("待上架"), hint=_("已入库，还没有库位"), icon="stack-2", tone="move", permission=Permission.STORAGE_RECORD,
         url="storage", query="unshelved=on", count=_stock(StockFilter(unshelved=True))),
    Tile(label=_("失联的终端"), hint=_("在途而没有位置"), icon="ban", tone="warn", permission=Permission.FLEET_MANAGE, url="alarms",
         query=f"part=open&kind={OFFLINE}", count=lambda actor, _now: alarms.count_of_kind(actor, OFFLINE, most=MOST)),
    Tile(label=_("待准入的终端"), hint=_("自己接入，等待准入"), icon="device-mobile", tone="move", permission=Permission.FLEET_MANAGE,
         url="terminals", query="state=pending", count=lambda actor, _now: terminals.count_pending(actor, most=MOST)),
    Tile(label=_("待认领轨迹"), hint=_("单号未知的轨迹"), icon="inbox", tone="warn", permission=Permission.RAW_VIEW, url="parked",
         count=lambda actor, _now: worklists.parked_count(actor, most=MOST)),
    Tile(label=_("时间可疑"), hint=_("时间在未来或明显过早"), icon="clock-exclamation", tone="warn", permission=Permission.EVENT_CORRECT,
         url="clocks", count=lambda actor, now: len(worklists.wrong_clocks(actor, now=now))),
    Tile(label=_("我的导入有问题"), hint=_("待确认、已停止或有未导入的行"), icon="file-import", tone="warn", permission=Permission.IMPORT_RUN,
         url="imports", query="unsettled=on", count=lambda actor, now: paging.count(imports.unsettled(actor, now=now), most=MOST)),
    Tile(label=_("派送中"), hint=_("本站已出库派送的运单"), icon="truck", tone="move", permission=Permission.SCAN_ADD,
         url="shipment-list", query="status=out_for_delivery", count=_on_the_road),
    Tile(label=_("在途车船"), hint=_("正在运行的车次和航次"), icon="route", tone="move", permission=Permission.FLEET_MANAGE, url="runs",
         query="state=under_way", count=lambda _actor, _now: plans.count_under_way(most=MOST)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A tile as it is drawn now."""

    tile: Tile
    href: str
    many: int

    @property
    def figure(self) -> str:
        return said(self.many)


def said(many: int) -> str:
    """Return a count as people read it."""
    return f"{MOST}+" if many > MOST else str(many)


def waiting(actor: Actor, *, now: datetime) -> Iterator[Waiting]:
    """Yield what this actor is asked to look after, with how much of it there is."""
    for tile in TILES:
        path = reverse(tile.url)
        needed = getattr(resolve(path).func, "needs", ())  # a company's own role may look after what it may not list
        if actor.may(tile.permission) and all(map(actor.may, needed)):
            href = f"{path}?{tile.query}" if tile.query else path
            yield Waiting(tile=tile, href=href, many=tile.count(actor, now))


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def page(request: Request) -> HttpResponse:
    """Show what waits: exceptions by kind, then the tiles; what is empty is named in one line."""
    actor = request.actor
    tiles = list(waiting(actor, now=datetime.now(UTC)))
    kinds = exceptions.open_by_kind(actor, most=MOST) if actor.may(Permission.EXCEPTION_HANDLE) else {}
    tools = [room for name in TOOLS for room in ROOMS if room.url == name and actor.may(room.permission)]
    context = {
        "kinds": kinds.items(),
        "open": said(sum(kinds.values())) if kinds else "",
        "tiles": [row for row in tiles if row.many],
        "done": [row for row in tiles if not row.many],
        "may_handle": actor.may(Permission.EXCEPTION_HANDLE),
        "answers_callers": actor.may(Permission.PARTY_SEARCH),
        "tools": tools[:TOOLS_MAX],
    }
    response = render(request, "web/start.html", context)
    response["Cache-Control"] = "no-store"
    return response
