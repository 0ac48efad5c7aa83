"""The scan page of the warehouse: made for a handheld of 360 px, a scanner that types, and ten minutes without a network."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import anomalies, moving
from huoji.apps.warehouse.actions.anomalies import Found
from huoji.apps.warehouse.actions.moving import Outcome, Recording, Result
from huoji.apps.warehouse.queries import counts, stock
from huoji.apps.warehouse.queries.scope import may_work_at, sites_of
from huoji.apps.warehouse.queries.words import ANOMALIES, DISCREPANCIES, ICONS, REFUSALS, VERBS, refusal
from huoji.apps.warehouse.views.frame import now, shown
from huoji.core.handling import Asked, MoveError, MoveTold, check, skew
from huoji.core.items import ItemDecoder, ItemError
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission
from huoji.core.storage import AnomalyKind, Verb
from huoji.kit import clock
from huoji.kit.batch import encode
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem, declare

QUEUE_MAX = 500  # scans of one message of a device
SCANNED = (Verb.IN, Verb.LOCATE, Verb.MOVE, Verb.OUT, Verb.COUNT)
ANOMALY = "anomaly"
WORKER = "huoji/storage-worker.js"

declare("other_person", status=409, title=REFUSALS["other_person"])


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a device sends: its own clock, whose scans they are, and the scans, each as it was kept."""

    sent_at: str
    who: str
    items: list[msgspec.Raw]


_sent = msgspec.json.Decoder(Sent)
_told = ItemDecoder(MoveTold)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.STORAGE_RECORD)
def page(request: Request) -> HttpResponse:
    """Show the scanner; a post comes from a browser without JavaScript and is one scan."""
    if request.method != "POST":
        return shown(request, "warehouse/scan.html", context(request))
    fault, done = take(request)
    told = {**context(request), "fault": fault, "done": done}
    return shown(request, "warehouse/scan.html", told, status=422 if fault else 200)


def context(request: Request) -> dict[str, Any]:
    """Return what the page shows, and what the device must know to work alone."""
    sites = sites_of(request.actor)
    codes = stock.active_codes([site.id for site in sites])
    sheets = counts.open_counts([site.id for site in sites])
    asked = request.POST if request.method == "POST" else request.GET
    verb = asked.get("verb", "")
    tabs = [(each.value, VERBS[each], ICONS[each]) for each in SCANNED]
    tabs.append((ANOMALY, _("报异常"), "alert-triangle"))
    chosen = verb if verb in {value for value, _text, _icon in tabs} else Verb.IN.value
    setup = {
        "who": request.actor.principal,
        "send": reverse("storage-send"),
        "sendAnomaly": reverse("storage-send-anomaly"),
        "worker": reverse("storage-worker"),
        "page": reverse("storage-scan"),
        "goods": reverse("storage-goods", args=["-"]),
        "max": QUEUE_MAX,
        "photos": anomalies.PICTURES_MAX,
        "shelves": {site.code: codes[site.id] for site in sites},
        "verbs": {value: str(text) for value, text, _icon in tabs},
        "flags": {kind.value: str(text) for kind, text in DISCREPANCIES.items()},
        "refusals": {code: str(text) for code, text in REFUSALS.items()},
        "words": words(),
    }
    return {
        "tabs": tabs,
        "verb": chosen,
        "sites": [(site.code, site.name_in(clock.language())) for site in sites],
        "site": asked.get("site", "") or (sites[0].code if len(sites) == 1 else ""),
        "next_sites": sorted(
            ((place.code, place.name_in(clock.language())) for place in places.places().values() if place.active),
            key=lambda pair: pair[1],
        )[:QUEUE_MAX],
        "sheets": [
            (each.id, next(site.code for site in sites if site.id == each.site_id), each.area) for each in sheets
        ],
        "sheet": asked.get("count", ""),
        "location": asked.get("location", ""),
        "number": request.GET.get("number", ""),
        "kinds": [(kind.value, text) for kind, text in ANOMALIES.items()],
        "setup": setup,
    }


def words() -> dict[str, str]:
    """Return what the script says."""
    return {
        "waiting": _("待发送"), "sending": _("正在发送"), "done": _("已记录"), "undone": _("已撤销"), "refused": _("未接受"),
        "unknown": _("单号还没有登记"), "offline": _("离线：扫描保存在本机，联网后自动发送"), "signin": _("登录已过期。扫描都还在，请重新登录"),
        "forbidden": _("没有权限登记出入库"), "broken": _("服务器暂时不可用，稍后自动重试"), "all": _("全部已发送"), "oldest": _("最早一条"),
        "undo": _("撤销"), "drop": _("知道了"), "again": _("刚刚扫过"), "lost": _("本机无法保存扫描，请勿继续，并联系管理员"),
        "others": _("本机还有其他人的扫描，须由本人登录后发送"), "noSite": _("请先选择您所在的站点。"),
        "noNumber": _("请扫描或输入单号。"), "noShelf": _("请先扫描库位"), "badShelf": _("本站点没有这个库位"), "noSheet": _("请先选择盘点单"),
        "shelf": _("库位"), "photos": _("照片过多"), "waitingN": _("待发送 {n} 条"), "refusedN": _("未接受 {n} 条"), "now": _("刚刚"), "minutes": _("分钟前"), "hours": _("小时前"),
    }  # fmt: skip


def take(request: Request) -> tuple[str, str]:
    """Record what a form without JavaScript sent; return what is wrong with it, or what was done."""
    post = request.POST
    verb, at = post.get("verb", ""), now().isoformat()
    try:
        if verb == ANOMALY:
            anomalies.report(request.actor, found_of(request, key=uuid4(), at=now()), now=now())
            return "", _("异常已上报，客服已收到")
        told = MoveTold(
            id=str(uuid4()), verb=Verb(verb), number=post.get("number", ""), site=post.get("site", ""), at=at,
            location=post.get("location", ""), next_site=post.get("next_site", ""),
            count=number_of(post.get("count", "")),
        )  # fmt: skip
        writing = moving.recording(request.actor, now=now())
        [outcome] = moving.record([checked(told, writing, behind=timedelta(0))], writing)
    except ValueError as error:
        code = error.code if isinstance(error, MoveError) else "invalid_item"
        return refusal(code, str(error)), ""
    except Problem as problem:
        return str(problem.detail or problem.title), ""
    if outcome.result is Result.REJECTED:
        return refusal(outcome.code, outcome.detail), ""
    flags = "".join(f" · {DISCREPANCIES[kind]}" for kind in outcome.flags)
    return "", f"{outcome.number} {VERBS[Verb(verb)]}{flags}"


def number_of(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < len("1000000000") else 0


def checked(told: MoveTold, writing: Recording, *, behind: timedelta) -> Asked:
    source = writing.source
    return check(
        told, source=source.name, now=writing.now, assumed_offset_min=source.assumed_offset_min, behind=behind
    )  # fmt: skip


@require_POST
@needs(Permission.STORAGE_RECORD)
def send(request: Request) -> HttpResponse:
    """Take what a device kept while it was alone; sent again it changes nothing, so the device may try until it has the answer."""
    try:
        sent = _sent.decode(request.body)
        behind = skew(datetime.fromisoformat(sent.sent_at).astimezone(UTC), now=now())
    except MoveError as error:
        raise Problem(error.code, 422, refusal(error.code, error.detail)) from error
    except (msgspec.MsgspecError, ValueError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed_body", 400) from error
    own(request.actor, sent.who)
    if len(sent.items) > QUEUE_MAX:
        raise Problem("too_many_items", 413, limit=QUEUE_MAX)
    writing = moving.recording(request.actor, now=now())
    good: list[tuple[int, Asked]] = []
    done: dict[int, Outcome] = {}
    for index, raw in enumerate(sent.items):
        try:
            good.append((index, checked(_told.decode(raw), writing, behind=behind)))
        except ItemError as error:
            done[index] = Outcome(result=Result.REJECTED, code=error.code, detail=error.detail)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            done[index] = Outcome(result=Result.REJECTED, code="invalid_item", detail=str(error))
    outcomes = moving.record([asked for _, asked in good], writing)
    done |= {index: outcome for (index, _), outcome in zip(good, outcomes, strict=True)}
    return json({"items": [told_of(done[index]) for index in range(len(sent.items))]})


def own(actor: Actor, who: str) -> None:
    """Refuse what another person scanned on this device: nobody's scans go in under another name."""
    if who != actor.principal:
        raise Problem("other_person", 409, refusal("other_person", ""))


def told_of(outcome: Outcome) -> dict[str, Any]:
    return {
        "result": outcome.result.value, "code": outcome.code, "number": outcome.number, "known": outcome.is_known,
        "text": refusal(outcome.code, outcome.detail) if outcome.code else "",
        "flags": [kind.value for kind in outcome.flags],
    }  # fmt: skip


def json(body: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(encode(body), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(Permission.STORAGE_RECORD)
def send_anomaly(request: Request) -> HttpResponse:
    """Take one anomaly with its photos from a device; the same key again is the same anomaly."""
    own(request.actor, request.POST.get("who", ""))
    try:
        key = UUID(request.POST.get("key", ""))
        behind = skew(datetime.fromisoformat(request.POST.get("sent_at", "")).astimezone(UTC), now=now())
        at = datetime.fromisoformat(request.POST.get("at", "")).astimezone(UTC) + behind
        found = found_of(request, key=key, at=at)
        anomaly_id = anomalies.report(request.actor, found, now=now())
    except ValueError as error:
        code = error.code if isinstance(error, MoveError) else "invalid_item"
        return json(told_of(Outcome(result=Result.REJECTED, code=code, detail=str(error))))
    except Problem as problem:
        return json({
            "result": "rejected", "code": problem.code, "number": "", "known": True, "flags": [],
            "text": str(problem.detail or problem.title),
        })  # fmt: skip
    number = normalise(found.number)
    return json({
        "result": "accepted", "code": "", "number": number, "known": True, "text": "", "flags": [],
        "url": reverse("storage-anomaly", args=[anomaly_id]),
    })  # fmt: skip


def found_of(request: Request, *, key: UUID, at: datetime) -> Found:
    """Read an anomaly from a form; a ValueError says that it is none."""
    post = request.POST
    site_id = places.resolve(post.get("site", ""))
    if site_id is None or not may_work_at(request.actor, site_id):
        raise MoveError("unknown_site", "You have no such site.")
    return Found(
        key=key, number=post.get("number", ""), site_id=site_id, kind=AnomalyKind(post.get("kind", "")),
        discovered_at=at, pieces=number_of(post.get("pieces", "")), note=post.get("note", ""),
        pictures=tuple((file.read() or b"", file.content_type or "") for file in request.FILES.getlist("photo")),
    )  # fmt: skip


@cache
def _worker_text() -> str:
    path = finders.find(WORKER)
    assert isinstance(path, str)
    return Path(path).read_text(encoding="utf-8")


@require_safe
@needs(Permission.STORAGE_RECORD)
def worker(request: Request) -> HttpResponse:
    """Send the script that lets the scan page open without a network; its address is its scope."""
    del request
    response = HttpResponse(_worker_text(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
