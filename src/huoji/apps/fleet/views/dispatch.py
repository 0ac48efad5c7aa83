"""The dispatch map: everything that moves, live; one object with its cargo, route, stops and alarms; its track, for a purpose."""

import gzip
import hashlib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from huoji.apps.fleet.actions import commands as commanding
from huoji.apps.fleet.actions import replaying
from huoji.apps.fleet.actions.moving import MAP
from huoji.apps.fleet.actions.replaying import Replay
from huoji.apps.fleet.forms.dispatch import LocateForm, ReplayForm, SayForm
from huoji.apps.fleet.queries import alarms, commands, conveyances, plans, scene, terminals, words
from huoji.apps.fleet.queries.alarms import Part
from huoji.apps.places import queries as places
from huoji.core.fleet import CommandKind, ConveyanceKind, TerminalKind, TerminalState
from huoji.core.freshness import FRESHNESSES, LIVE, LOST
from huoji.core.geo import MICRO
from huoji.core.permission import Permission
from huoji.core.wording import Lang
from huoji.kit import clock, live
from huoji.kit.batch import encode
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

ALARMS_SHOWN, COMMANDS_SHOWN = 10, 5
DRAWN_POINTS_MAX = 5_000
ASKS = {CommandKind.LOCATE.value: LocateForm, CommandKind.TEXT.value: SayForm}


@needs(Permission.FLEET_VIEW)
def page(request: Request) -> HttpResponse:
    """Show the map; its objects come by themselves."""
    context = {
        "urls": {
            "objects": reverse("dispatch-objects"),
            "moved": reverse("dispatch-moved"),
            "object": reverse("dispatch-object", args=[0]),
            "token": reverse("dispatch-token"),
            "find": reverse("cargo-find"),
            "land": static("vendor/atlas/land-50m.json"),
            "live": live.url(request),
        },
        "limits": {
            kind.value: [int(LIVE[kind].total_seconds()), int(LOST[kind].total_seconds())] for kind in ConveyanceKind
        },
        "words": _words(),
        "sites": _sites(),
        "tiles": settings.HUOJI.map_tiles_url,
        "credit": settings.HUOJI.map_credit,
        "freshnesses": [(word.value, words.FRESHNESS[word]) for word in FRESHNESSES[:3]],
        "risks": [(code, words.RISKS[code]) for code in scene.RISKS],
        "loads": list(words.LOADS.items()),
    }
    return render(request, "fleet/dispatch.html", context)


def _words() -> dict[str, Any]:
    """Return what the script says, in the reader's language."""
    return {
        "kinds": [str(words.KINDS[kind]) for kind in (ConveyanceKind.VEHICLE, ConveyanceKind.VESSEL)],
        "freshness": [str(words.FRESHNESS[word][2]) for word in FRESHNESSES],
        "risks": [str(words.RISKS[code][2]) for code in scene.RISKS],
        "loads": {str(code): str(word) for code, word in words.LOADS.items()},
        "count": gettext("显示 {shown}，共 {all}"),
        "none": gettext("没有符合条件的车船"),
        "empty": gettext("还没有车船上报位置。登记终端并安装到车船后，会出现在这里。"),
        "offline": gettext("实时连接中断，每 15 秒重读一次"),
        "failed": gettext("读取失败，稍后自动重试"),
        "speed": gettext("{speed} 公里/小时"),
        "knots": gettext("{speed} 节"),
        "more": gettext("显示更多"),
        "nowhere": gettext("这个车船没有位置，或已停用，所以不在地图上。"),
        "alarms": [ngettext("{n} 个报警", "{n} 个报警", n) for n in (1, 2)],  # of one, of more
        "off": gettext("偏离路线"),
        "gap": gettext("{when} 没有位置"),
        "stop": gettext("停留 {when}"),
        "replayed": [ngettext("{km} 公里，{gaps} 处中断", "{km} 公里，{gaps} 处中断", n) for n in (1, 2)],
        "cut": gettext("点太多，只显示前面的部分"),
        "found": gettext("没有找到 {text}"),
        "following": gettext("取消跟随"),
        "follow": gettext("跟随"),
    }


def _sites() -> list[list[Any]]:
    """Return the sites that have a place: id, name, latitude, longitude, kind."""
    lang = clock.language()
    return [
        [
            site.id,
            site.name_in(lang),
            *(round(part, 5) for part in scene.shown(site.lat, site.lon)),
            site.kind.value,
        ]
        for site in places.places().values()
        if site.active and site.lat is not None and site.lon is not None
    ]


@require_GET
@needs(Permission.FLEET_VIEW)
def objects(request: Request) -> HttpResponse:
    """Return the whole scene; unchanged since the browser's copy, only that."""
    return _sent(request, scene.scene(request.actor, now=datetime.now(UTC), english=_is_english()).content())


@require_GET
@needs(Permission.FLEET_VIEW)
def moved(request: Request) -> HttpResponse:
    """Return what moved since a moment that an earlier answer told, and all open alarms."""
    try:
        since = datetime.fromtimestamp(int(request.GET.get("since", "")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Problem("invalid_request", 422) from error
    return _sent(
        request, scene.scene(request.actor, now=datetime.now(UTC), english=_is_english(), since=since).content()
    )


@require_GET
@needs(Permission.FLEET_VIEW)
def token(request: Request) -> HttpResponse:
    """Return a new token for the live stream of the map."""
    del request
    return JsonResponse({"token": live.token([live.topic(*MAP)], datetime.now(UTC))})


def _is_english() -> bool:
    return clock.language() is Lang.EN


def _sent(request: HttpRequest, content: dict[str, Any]) -> HttpResponse:
    """Answer with a digest of what is drawn as ETag, compressed where the browser takes it."""
    drawn = {name: value for name, value in content.items() if name != "now"}
    tag = f'"{hashlib.blake2b(encode(drawn), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    body = encode(content)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Cookie"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, compresslevel=5, mtime=0), "gzip"
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_GET
@needs(Permission.FLEET_VIEW)
def one(request: Request, conveyance_id: int) -> HttpResponse:
    """Show one object beside the map."""
    return render(request, "fleet/dispatch_object.html", _one(request, conveyance_id))


def _one(request: Request, conveyance_id: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    line = conveyances.line(request.actor, conveyance_id=conveyance_id, now=now)
    run = plans.under_way_of(conveyance_id)
    road = next((row for row in terminals.fitted_to(conveyance_id, now=now) if _may_be_asked(row)), None)
    asked = commands.listed(request.actor, terminal_id=road.id, limit=COMMANDS_SHOWN).rows if road else []
    path = [[round(part, 5) for part in scene.shown(lat / MICRO, lon / MICRO)] for lat, lon in run.path] if run else []
    return {
        "line": line,
        "run": run,
        "route": {"path": path, "corridor": run.corridor_m if run else 0},
        "alarms": alarms.listed(request.actor, part=Part.OPEN, conveyance_id=conveyance_id, limit=ALARMS_SHOWN).rows,
        "terminal": road,
        "asked": asked,
        "locate": LocateForm(auto_id="locate_%s"),
        "say": SayForm(auto_id="say_%s"),
        "replay": ReplayForm(auto_id="replay_%s"),
        "may_command": request.actor.may(Permission.TERMINAL_COMMAND),
        "may_handle": request.actor.may(Permission.ALARM_HANDLE),
        "may_replay": request.actor.may(Permission.TRACK_REPLAY),
        "may_see_cargo": request.actor.may(Permission.SHIPMENT_VIEW),
    }


def _may_be_asked(row: terminals.TerminalLine) -> bool:
    return row.kind is TerminalKind.JT808 and row.state is TerminalState.ACTIVE


@require_POST
@needs(Permission.FLEET_VIEW, Permission.TERMINAL_COMMAND)
def ask(request: Request, conveyance_id: int, command_kind: str) -> HttpResponse:
    """Ask the vehicle's terminal for its position, or tell the driver something; answer with the object as it stands."""
    if command_kind not in ASKS:
        raise Http404
    form = ASKS[command_kind](request.POST, auto_id=f"{'locate' if command_kind == CommandKind.LOCATE else 'say'}_%s")
    context = _one(request, conveyance_id)
    if form.is_valid():
        body = {"text": form.cleaned_data["text"]} if "text" in form.cleaned_data else {}
        try:
            commanding.request_command(
                request.actor,
                terminal_id=context["terminal"].id if context["terminal"] else 0,
                kind=CommandKind(command_kind),
                body=body,
                reason=form.cleaned_data["reason"],
                now=datetime.now(UTC),
            )
            context = _one(request, conveyance_id)
        except Problem as refusal:
            form.add_error(None, str(refusal.detail or refusal.title))
    if form.errors:
        context["locate" if command_kind == CommandKind.LOCATE else "say"] = form
    return render(request, "fleet/dispatch_object.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.FLEET_VIEW, Permission.TRACK_REPLAY)
def track(request: Request, conveyance_id: int) -> HttpResponse:
    """Return the lines of a track with its gaps and stops; the purpose is in the audit."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        raise Problem("invalid_request", 422, "; ".join(str(each[0]) for each in form.errors.values()))
    since, until = form.moments()
    found = replaying.replay(
        request.actor, conveyance_id=conveyance_id, since=since, until=until, purpose=form.cleaned_data["purpose"]
    )
    return HttpResponse(encode(_drawn(found)), content_type="application/json", headers={"Cache-Control": "no-store"})


def _drawn(found: Replay) -> dict[str, Any]:
    seen = found.track
    ends = [(piece[0], piece[-1]) for piece in seen.pieces]
    return {
        "lines": [[_five(*place) for place in line] for line in seen.lines(count_max=DRAWN_POINTS_MAX)],
        "gaps": [
            {
                "from": gap.at,
                "to": gap.until,
                "ends": [_five(end.lat_e6 / MICRO, end.lon_e6 / MICRO) for end in (ends[n][1], ends[n + 1][0])],
            }
            for n, gap in enumerate(seen.gaps)
        ],
        "stops": [
            {"from": stop.at, "to": stop.until, "at": _five(stop.lat_e6 / MICRO, stop.lon_e6 / MICRO)}
            for stop in seen.stops
        ],
        "km": round(seen.distance_m / 1000, 1),
        "cut": found.was_cut,
    }


def _five(lat: float, lon: float) -> list[float]:
    return [round(part, 5) for part in scene.shown(lat, lon)]
