"""Pages for everyone: ask where the cargo is, read the answer, find help. No sign-in, and no JavaScript needed."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import verifying
from huoji.apps.shipments.actions.verifying import Verdict
from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.queries import tracking
from huoji.core.answer import Answer, Audience
from huoji.core.look import LOOKS
from huoji.core.numbers import normalise
from huoji.core.recognise import NUMBERS_MAX, find
from huoji.core.wording import STATUSES, Lang
from huoji.kit import blob, clock, live
from huoji.kit.http import client_key, of
from huoji.web import brand, guess, stencil
from huoji.web import story as stories
from huoji.web.context import Shell
from huoji.web.formtoken import form_token
from huoji.web.story import Brief


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html", {"tries": settings.HUOJI.last4_tries, "numbers": NUMBERS_MAX})


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "web/contact.html", {"phones": brand.current().phones})


@csrf_exempt  # asking changes nothing, and the page with the question stays free of cookies
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Find the numbers in what was pasted: one leads to its page, many to a list with an address of its own."""
    text = (request.POST if request.method == "POST" else request.GET).get("numbers", "")
    found = find(text, limit=NUMBERS_MAX, prefix=settings.HUOJI.waybill_prefix)
    if len(found.numbers) == 1:
        return redirect("track-one", found.numbers[0])
    if not found.numbers:
        return missing(request, number="", asked=text[:200]) if text.strip() else redirect("home")
    if request.method == "POST":
        query = {"numbers": ",".join(found.numbers)} | ({"cut": "1"} if found.left_out else {})
        return HttpResponseRedirect(f"{reverse('track')}?{urlencode(query)}")
    return many(request, found.numbers, ask(request, found.numbers), cut=bool(found.left_out) or "cut" in request.GET)


@require_safe
def track_one(request: HttpRequest, number: str) -> HttpResponse:
    """Show the page of one number; an unusual spelling leads to the usual one."""
    canonical = normalise(number)
    if canonical != number:
        return redirect("track-one", canonical) if canonical else redirect("home")
    answer = ask_one(request, number)
    return one(request, answer) if answer else missing(request, number=number)


@require_safe
def track_story(request: HttpRequest, number: str) -> HttpResponse:
    """Show the inside of one number's page, for a page that is open already."""
    answer = ask_one(request, number)
    if answer is None:
        raise Http404(number)
    return answered(render(request, "web/story.html", context_of(request, answer)))


def ask(request: HttpRequest, numbers: Sequence[str], *, audience: Audience = Audience.BARE) -> dict[str, Answer]:
    """Return what may be said of these numbers; the same limit holds for pages and the API."""
    PUBLIC_QUERIES.take(of(request), cost=len(numbers))
    now = clock.reader()
    found = tracking.answers(numbers, audience=audience, now=now.now, language=now.lang)
    return {number: answer for number, answer in found.items() if answer is not None}


def ask_one(request: HttpRequest, number: str) -> Answer | None:
    """Return what may be said of one number to this browser, which may have given the last 4 digits."""
    audience = Audience.VERIFIED if number in seen(request) else Audience.BARE
    return ask(request, [number], audience=audience).get(number)


# ---- rendering, from answers alone ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of a list: its closed row, or what it looks like when we do not know it."""

    number: str
    brief: Brief | None = None
    guess: str = ""


def one(request: HttpRequest, answer: Answer, *, verify_error: str | Promise = "", status: int = 200) -> HttpResponse:
    """Render the page of one number; what a bare reader gets is filled into its stencil."""
    context = context_of(request, answer)
    is_usual = answer.audience is Audience.BARE and not verify_error and not request.GET.keys() - {"lang"}
    if is_usual and all(PLAIN.fullmatch(each) for each in (answer.number, *(link.number for link in answer.links))):
        return answered(HttpResponse(filled(request, context), status=status))
    return answered(render(request, "web/track.html", context | {"verify_error": verify_error}, status=status))


PLAIN = re.compile(r"[A-Za-z0-9-]+")  # a number that is written in an address as it is in a text


def filled(request: HttpRequest, context: Mapping[str, Any]) -> str:
    """Return the page as the template renders it."""
    face = brand.current()
    shown = {"path": request.path, "nonce": str(cast("Any", request).csp_nonce), "csrf_token": form_token(request)}

    def draw(holes: Mapping[str, Any]) -> str:
        stranger = HttpRequest()
        stranger.path = holes["path"]
        cast("Any", stranger).csp_nonce = holes["nonce"]
        known = {"request": stranger, "shell": Shell(stranger), "brand": face}
        return render_to_string("web/track.html", {**holes, **known})

    return stencil.fill({**shown, **context}, render=draw, key=(get_language(), face))


def context_of(request: HttpRequest, answer: Answer) -> dict[str, Any]:
    """Return what the page of one number needs, and where it hears of changes."""
    now = clock.reader()
    context: dict[str, Any] = {"story": stories.story(answer, reader=now)}
    if answer.unit_id:
        token = live.token([live.topic("unit", answer.unit_id)], now.now)
        context |= {"live_url": live.url(request), "live_token": token}
    if brand.current().map_shown and (points := points_of(answer)):
        context |= {"points": json.dumps(points, ensure_ascii=False)}
    return context


def points_of(answer: Answer) -> list[dict[str, Any]]:
    """Return where the stops lie, as far as we know, for the map; a map of one point says nothing."""
    known = places.places()
    found = [(stop, known.get(places.resolve(stop.place) or 0)) for stop in answer.stops]
    points = [
        {"name": stop.place, "state": stop.state.value, "lat": place.lat, "lon": place.lon}
        for stop, place in found
        if place is not None and place.lat is not None
    ]
    return points if len(points) > 1 else []


def many(request: HttpRequest, numbers: Sequence[str], answers: Mapping[str, Answer], *, cut: bool) -> HttpResponse:
    """Render a list of numbers, each to be opened in place."""
    now = clock.reader()
    rows = [
        Row(number=number, brief=stories.brief(answers[number], reader=now))
        if number in answers
        else Row(number=number, guess=next(iter(guesses(number, lang=now.lang)), ""))
        for number in numbers
    ]
    counts = Counter(answers[number].status for number in numbers if number in answers)
    totals = [(STATUSES[status][now.lang], *LOOKS[status], counts[status]) for status in LOOKS if counts[status]]
    if unknown := sum(row.brief is None for row in rows):
        totals.append((str(_("没有找到")), "calm", "search", unknown))
    context = {"rows": rows, "total": len(rows), "totals": totals, "cut": cut, "limit": NUMBERS_MAX}
    return answered(render(request, "web/many.html", context | {"asked": "\n".join(numbers)}))


def missing(request: HttpRequest, *, number: str, asked: str = "") -> HttpResponse:
    """Render what to do when a number is not known."""
    context = {
        "number": number,
        "guesses": guesses(number, lang=clock.language()) if number else [],
        "asked": asked or number,
    }
    return answered(render(request, "web/missing.html", context, status=404))


def guesses(number: str, *, lang: Lang) -> list[str]:
    return guess.sentences(number, prefix=settings.HUOJI.waybill_prefix, lang=lang)


def answered(response: HttpResponse) -> HttpResponse:
    """Mark an answer as of this moment: no cache may keep it."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ("Cookie",))
    return response


# ---- the last 4 digits ----------------------------------------------------------------------------------------------

SEEN_COOKIE = "huoji_seen"
SEEN_MAX = 10  # numbers
SEEN_AGE_S = 30 * 60
REFUSED = {
    Verdict.WRONG: _("后 4 位不对，请核对后再试。"),
    Verdict.LOCKED: _("今天试错的次数太多，请明天再试，或联系客服核实身份。轨迹仍可照常查询。"),
}


@require_POST
def track_verify(request: HttpRequest, number: str) -> HttpResponse:
    """Check the last 4 digits of a party's phone; who knows them sees more of this number for half an hour."""
    client = client_key(of(request).client)
    digits = request.POST.get("last4", "")
    verdict = verifying.verify(number, digits=digits, client=client, now=datetime.now(UTC))
    if verdict is not Verdict.RIGHT:
        answer = ask_one(request, number)
        return (
            one(request, answer, verify_error=REFUSED[verdict], status=422)
            if answer
            else missing(request, number=number)
        )
    response = redirect("track-one", number)
    numbers = [number, *(each for each in seen(request) if each != number)][:SEEN_MAX]
    response.set_signed_cookie(
        SEEN_COOKIE, ",".join(numbers), max_age=SEEN_AGE_S, path="/track/", httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return response


def seen(request: HttpRequest) -> list[str]:
    """Return the numbers whose last 4 digits this browser gave."""
    if SEEN_COOKIE not in request.COOKIES:
        return []
    return (request.get_signed_cookie(SEEN_COOKIE, default="", max_age=SEEN_AGE_S) or "").split(",")


@require_safe
def track_proof(request: HttpRequest, number: str, sha: str) -> FileResponse:
    """Send a picture of the proof of delivery to whom this number's answer grants it."""
    answer = ask_one(request, number)
    granted = answer.proof.blobs if answer and answer.proof else ()
    return blob.serve(of(request), sha, allowed=lambda _request: sha in granted, filename=number)
