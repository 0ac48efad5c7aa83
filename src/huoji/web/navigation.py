"""What the workspace's side navigation may show: a row appears here when its page exists, and is drawn for who may open it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huoji.apps.fleet.queries.alarms import count_waiting as count_alarms
from huoji.apps.fleet.queries.commands import count_waiting as count_commands
from huoji.apps.shipments.queries.exceptions import COUNT_MAX, waiting_count
from huoji.apps.warehouse.queries.oddities import waiting_count as open_investigations
from huoji.core.permission import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One line of the side navigation; `url` is a URL name without arguments, `icon` a symbol of icons.svg."""

    label: str | Promise
    url: str
    icon: str
    permission: Permission
    group: str | Promise = ""
    count: Callable[[Actor], int] | None = None  # how much waits there for who may act; one cheap query


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A room as it is drawn now."""

    label: str | Promise
    href: str
    icon: str
    group: str | Promise
    current: bool
    badge: str = ""


ADMINISTRATION = _("系统管理")

WORKLISTS = _("待办")
FLEET = _("车队")
NAME_CHARS_MIN = 2
COUNT_FRESH_S = 5.0
COUNTED_MAX = 2_000  # people at work at once whose counts a process remembers
_counted: dict[str, tuple[float, dict[str, int]]] = {}
START = "workspace"  # every page lies below it, so it is the current one only by itself

ROOMS: tuple[Room, ...] = (
    Room(label=_("首页"), url=START, icon="home", permission=Permission.SHIPMENT_VIEW),
    Room(label=_("运单"), url="shipment-list", icon="package", permission=Permission.SHIPMENT_VIEW),
    Room(label=_("新运单"), url="shipment-new", icon="plus", permission=Permission.SHIPMENT_CREATE),
    Room(label=_("扫描"), url="scan", icon="scan", permission=Permission.SCAN_ADD),
    Room(label=_("运行计划"), url="runs", icon="route", permission=Permission.FLEET_VIEW),
    Room(label=_("仓库扫描"), url="storage-scan", icon="barcode", permission=Permission.STORAGE_RECORD),
    Room(label=_("库存"), url="storage", icon="building-warehouse", permission=Permission.STORAGE_VIEW),
    Room(label=_("导入"), url="imports", icon="file-import", permission=Permission.IMPORT_RUN),
    Room(label=_("站点"), url="site-list", icon="map-pin", permission=Permission.SHIPMENT_VIEW),
    Room(label=_("客户"), url="customers", icon="building-community", permission=Permission.CUSTOMER_VIEW),
    Room(label=_("调度地图"), url="dispatch", icon="map", permission=Permission.FLEET_VIEW, group=FLEET),
    Room(label=_("车船"), url="conveyances", icon="truck", permission=Permission.FLEET_VIEW, group=FLEET),
    Room(label=_("终端"), url="terminals", icon="device-mobile", permission=Permission.FLEET_VIEW, group=FLEET),
    Room(
        label=_("终端指令"),
        url="commands",
        icon="message",
        permission=Permission.FLEET_VIEW,
        group=FLEET,
        count=count_commands,
    ),
    Room(
        label=_("车船报警"),
        url="alarms",
        icon="bell",
        permission=Permission.FLEET_VIEW,
        group=FLEET,
        count=partial(count_alarms, most=COUNT_MAX),
    ),
    Room(
        label=_("异常"),
        url="exceptions",
        icon="alert-triangle",
        permission=Permission.SHIPMENT_VIEW,
        group=WORKLISTS,
        count=waiting_count,
    ),
    Room(
        label=_("货物异常"),
        url="storage-anomalies",
        icon="box",
        permission=Permission.STORAGE_VIEW,
        group=WORKLISTS,
        count=open_investigations,
    ),
    Room(
        label=_("库存差异"),
        url="storage-discrepancies",
        icon="adjustments",
        permission=Permission.STORAGE_VIEW,
        group=WORKLISTS,
    ),
    Room(label=_("停滞运单"), url="stalled", icon="clock-pause", permission=Permission.SHIPMENT_VIEW, group=WORKLISTS),
    Room(label=_("待认领轨迹"), url="parked", icon="inbox", permission=Permission.RAW_VIEW, group=WORKLISTS),
    Room(
        label=_("时间可疑"),
        url="clocks",
        icon="clock-exclamation",
        permission=Permission.SHIPMENT_VIEW,
        group=WORKLISTS,
    ),
    Room(label=_("员工"), url="staff-list", icon="users", permission=Permission.STAFF_MANAGE, group=ADMINISTRATION),
    Room(label=_("部门"), url="departments", icon="sitemap", permission=Permission.STAFF_MANAGE, group=ADMINISTRATION),
    Room(label=_("角色"), url="roles", icon="shield-lock", permission=Permission.ROLE_MANAGE, group=ADMINISTRATION),
    Room(label=_("API 密钥"), url="keys", icon="key", permission=Permission.APIKEY_MANAGE, group=ADMINISTRATION),
    Room(label=_("审计"), url="audit", icon="history", permission=Permission.AUDIT_VIEW, group=ADMINISTRATION),
    Room(
        label=_("品牌"), url="brand-settings", icon="tag", permission=Permission.SETTINGS_MANAGE, group=ADMINISTRATION
    ),
    Room(label=_("系统健康"), url="health", icon="heartbeat", permission=Permission.HEALTH_VIEW, group=ADMINISTRATION),
)


def named(actor: Actor, text: str) -> list[Row]:
    """Return the rooms, of those this actor may enter, whose name holds this text in either language."""
    wanted = text.strip().casefold()
    if len(wanted) < NAME_CHARS_MIN:
        return []
    found = [room for room in ROOMS if actor.may(room.permission) and any(wanted in name for name in names(room.label))]
    return [
        Row(label=room.label, href=reverse(room.url), icon=room.icon, group=room.group, current=False) for room in found
    ]


@cache
def names(label: str | Promise) -> tuple[str, ...]:
    """Return what a room is called in every language, as it is compared."""
    told = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            told.append(str(label).casefold())
    return tuple(told)


def counted(room: Room, actor: Actor) -> int:
    """Return how much waits in a room, at most COUNT_FRESH_S old; after what the actor himself did it is counted anew."""
    if room.count is None:
        return 0
    of_actor = _counted.get(actor.principal)
    now_s = time.monotonic()
    if of_actor is None or now_s - of_actor[0] > COUNT_FRESH_S:
        if len(_counted) >= COUNTED_MAX:
            _counted.clear()
        of_actor = _counted[actor.principal] = (now_s, {})
    if room.url not in of_actor[1]:
        of_actor[1][room.url] = room.count(actor)
    return of_actor[1][room.url]


def forget(principal: str = "") -> None:
    """Count anew for this actor, who changed something; for everybody between tests."""
    if principal:
        _counted.pop(principal, None)
    else:
        _counted.clear()


def rows(actor: Actor, *, path: str) -> Iterator[Row]:
    """Yield the rooms that this actor may enter, in order; the longest matching path is the current one."""
    allowed = [(room, reverse(room.url)) for room in ROOMS if actor.may(room.permission)]
    inside = (href for room, href in allowed if path.startswith(href) and (room.url != START or path == href))
    current = max(inside, key=len, default="")
    for room, href in allowed:
        waiting = counted(room, actor)
        badge = f"{COUNT_MAX}+" if waiting > COUNT_MAX else str(waiting or "")
        yield Row(
            label=room.label, href=href, icon=room.icon, group=room.group, current=href == current, badge=badge
        )  # fmt: skip
