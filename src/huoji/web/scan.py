"""The scan page: made for a handheld of 360 px and a scanner that types; works without JavaScript too."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import scanning
from huoji.apps.shipments.actions.recording import Outcome, Result
from huoji.apps.shipments.actions.scanning import Scan
from huoji.core.milestone import Milestone, Reason
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.wording import Lang, label
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

LAST = 20
SITES_MAX = 500
KEPT = "scans"  # key of the session: what this device scanned last
SET = "scan_set"  # key of the session: stage, site and vehicle as they were set last
STAGES: tuple[tuple[Milestone, str], ...] = (
    (Milestone.PICKED_UP, "box"), (Milestone.ARRIVED, "building-warehouse"), (Milestone.DEPARTED, "arrow-right"),
    (Milestone.LOADED, "truck"), (Milestone.UNLOADED, "stack-2"), (Milestone.OUT_FOR_DELIVERY, "route"),
    (Milestone.DELIVERED, "circle-check"), (Milestone.ATTEMPT_FAILED, "hand-stop"),
)  # fmt: skip
REASONS = (
    Reason.ABSENT, Reason.UNCONTACTABLE, Reason.ADDRESS, Reason.PHONE, Reason.CLOSED, Reason.MOVED, Reason.PAYMENT,
    Reason.DAMAGED, Reason.WEATHER, Reason.OTHER,
)  # fmt: skip
SIGNERS: tuple[tuple[str, Promise], ...] = (
    (Reason.SELF, gettext_lazy("本人签收")), (Reason.AGENT, gettext_lazy("他人代签")), (Reason.POINT, gettext_lazy("柜或站点签收")),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SCAN_ADD)
def page(request: Request) -> HttpResponse:
    """Show the scanner, or take one scan; htmx gets the list alone, so that the scanner keeps its focus."""
    if request.method != "POST":
        stage = request.GET.get("stage", "")
        if stage in {milestone.value for milestone, _icon in STAGES}:
            request.session[SET] = {**request.session.get(SET, {}), "stage": stage}
        return render(request, "web/scan.html", context(request))
    fault = take(request)
    if "HX-Request" in request.headers:
        return render(request, "web/_scans.html", {**context(request), "fault": fault})
    if fault:
        return render(request, "web/scan.html", {**context(request), "fault": fault}, status=422)
    return HttpResponseRedirect(reverse("scan"))


@require_POST
@needs(Permission.SCAN_ADD)
def undo(request: Request, unit_id: int, event_id: int) -> HttpResponse:
    """Take back one of the last scans."""
    fault = ""
    try:
        scanning.undo(request.actor, unit_id=unit_id, event_id=event_id, now=datetime.now(UTC))
        request.session[KEPT] = [
            {**row, "undone": True} if row["event_id"] == event_id else row for row in request.session.get(KEPT, [])
        ]
    except Problem as refusal:
        fault = str(refusal.detail or refusal.title)
    if "HX-Request" in request.headers:
        return render(request, "web/_scans.html", {**context(request), "fault": fault})
    return HttpResponseRedirect(reverse("scan"))


def take(request: Request) -> str:
    """Record the scan that was sent; return what is wrong with it, or nothing."""
    post = request.POST
    chosen = {name: post.get(name, "").strip() for name in ("stage", "site", "next_site", "vehicle")}
    request.session[SET] = chosen
    site = site_of(request.actor, chosen["site"])
    number = post.get("number", "").strip()
    if site is None:
        return _("请先选择您所在的站点。")
    if not number:
        return _("请扫描或输入单号。")
    stage = chosen["stage"]
    if stage == Milestone.DELIVERED and not post.get("signed_by", "").strip():
        return _("签收需要填写签收人。")
    reason = post.get("signer" if stage == Milestone.DELIVERED else "reason", "")
    if stage == Milestone.ATTEMPT_FAILED and reason not in REASONS:
        return _("请选择派送未成功的原因。")
    given = Scan(
        stage=stage,
        number=number,
        place=site,
        next_place=places_name(chosen["next_site"]) if stage == Milestone.DEPARTED else "",
        vehicle=chosen["vehicle"],
        signed_by=post.get("signed_by", "").strip() if stage == Milestone.DELIVERED else "",
        reason=reason if stage in (Milestone.DELIVERED, Milestone.ATTEMPT_FAILED) else "",
        note=post.get("note", "").strip(),
        pictures=tuple(picture(file) for name in ("signature", "photo") for file in request.FILES.getlist(name)),
    )
    try:
        outcome = scanning.scan(request.actor, given, now=datetime.now(UTC))
    except Problem as refusal:
        return str(refusal.detail or refusal.title)
    remember(request, given, outcome)
    return ""


def picture(file: Any) -> tuple[bytes, str]:
    return file.read(), file.content_type or ""


def remember(request: Request, given: Scan, outcome: Outcome) -> None:
    """Keep the scan among the last of this device."""
    row = {
        "number": given.number.upper(),
        "stage": given.stage,
        "place": given.place,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "result": outcome.result.value,
        "unit_id": outcome.unit_id,
        "event_id": outcome.event_id,
        "undone": False,
    }
    request.session[KEPT] = [row, *request.session.get(KEPT, [])][:LAST]


def sites_of(actor: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the sites where the actor may scan: his own, or all for who sees all."""
    found = [
        place
        for place in places.places().values()
        if place.active and (actor.scope is Scope.ALL or place.id in actor.site_ids)
    ]
    lang = clock.language()
    return sorted(((place.code, place.name_in(lang)) for place in found), key=lambda pair: pair[1])[:SITES_MAX]


def site_of(actor: Actor, code: str) -> str | None:
    """Return the site's code when the actor may scan there."""
    return next((each for each, _name in sites_of(actor) if each == code), None)


def places_name(code: str) -> str:
    found = places.resolve(code)
    return code if found else ""


def context(request: Request) -> dict[str, Any]:
    """Return what the page shows."""
    lang = clock.language()
    chosen = request.session.get(SET, {})
    stage = chosen.get("stage") or Milestone.ARRIVED.value
    sites = sites_of(request.actor)
    scans = [
        {
            **row,
            "stage_text": label(Milestone(row["stage"]), lang=lang),
            "when": datetime.fromisoformat(row["at"]),
            "good": row["result"] in (Result.ACCEPTED, Result.REVISION),
        }
        for row in request.session.get(KEPT, [])
    ]
    return {
        "stages": [(m.value, label(m, lang=lang), icon, m.value == stage) for m, icon in STAGES],
        "stage": stage,
        "stage_text": label(Milestone(stage), lang=lang),
        "sites": sites,
        "site": chosen.get("site") or (sites[0][0] if len(sites) == 1 else ""),
        "next_sites": next_sites(lang),
        "next_site": chosen.get("next_site", ""),
        "vehicle": chosen.get("vehicle", ""),
        "reasons": [(reason.value, label(reason, lang=lang)) for reason in REASONS],
        "signers": SIGNERS,
        "scans": scans,
        "count": sum(1 for row in scans if row["good"] and not row["undone"]),
        "last": scans[0] if scans else None,
    }


def next_sites(lang: Lang) -> list[tuple[str, str]]:
    found = [(place.code, place.name_in(lang)) for place in places.places().values() if place.active]
    return sorted(found, key=lambda pair: pair[1])[:SITES_MAX]
