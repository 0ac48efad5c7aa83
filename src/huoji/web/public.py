"""Pages for everyone: ask where the cargo is, read the answer, find help. No sign-in, and no JavaScript needed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.core.answer import Answer
from huoji.core.look import LOOKS
from huoji.core.numbers import normalise
from huoji.core.recognise import NUMBERS_MAX, find
from huoji.core.wording import STATUSES, Lang
from huoji.kit.clock import Reader
from huoji.kit.http import of
from huoji.web import brand, guess, language
from huoji.web import story as stories
from huoji.web.story import Brief


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html")


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
    return many(request, found.numbers, ask(found.numbers), cut=bool(found.left_out) or "cut" in request.GET)


@require_safe
def track_one(request: HttpRequest, number: str) -> HttpResponse:
    """Show the page of one number; an unusual spelling leads to the usual one."""
    canonical = normalise(number)
    if canonical != number:
        return redirect("track-one", canonical) if canonical else redirect("home")
    answer = ask([number]).get(number)
    return one(request, answer) if answer else missing(request, number=number)


@require_safe
def track_story(request: HttpRequest, number: str) -> HttpResponse:
    """Show the inside of one number's page, for a page that is open already."""
    answer = ask([number]).get(number)
    if answer is None:
        return missing(request, number=number)
    return answered(render(request, "web/story.html", {"story": read(answer, reader=reader())}))


def ask(numbers: Sequence[str]) -> Mapping[str, Answer]:
    """Return the answers that a bare number may have."""
    del numbers
    return {}


# ---- rendering, from answers alone ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of a list: its closed row, or what it looks like when we do not know it."""

    number: str
    brief: Brief | None = None
    guess: str = ""


def one(request: HttpRequest, answer: Answer, *, verify_error: str = "") -> HttpResponse:
    """Render the page of one number."""
    context = {"story": read(answer, reader=reader()), "contact_url": reverse("contact"), "verify_error": verify_error}
    return answered(render(request, "web/track.html", context))


def many(request: HttpRequest, numbers: Sequence[str], answers: Mapping[str, Answer], *, cut: bool) -> HttpResponse:
    """Render a list of numbers, each to be opened in place."""
    now = reader()
    rows = [
        Row(number=number, brief=stories.brief(answers[number], reader=now))
        if number in answers
        else Row(number=number, guess=next(iter(guesses(number, lang=now.lang)), ""))
        for number in numbers
    ]
    counts = Counter(answers[number].status for number in numbers if number in answers)
    totals = [(STATUSES[status][now.lang], *LOOKS[status], counts[status]) for status in LOOKS if counts[status]]
    if unknown := sum(row.brief is None for row in rows):
        totals.append((_("没有找到"), "calm", "search", unknown))
    context = {"rows": rows, "total": len(rows), "totals": totals, "cut": cut, "limit": NUMBERS_MAX}
    return answered(render(request, "web/many.html", context | {"asked": "\n".join(numbers)}))


def missing(request: HttpRequest, *, number: str, asked: str = "") -> HttpResponse:
    """Render what to do when a number is not known."""
    context = {
        "number": number,
        "guesses": guesses(number, lang=reader().lang) if number else [],
        "contact_url": reverse("contact"),
        "asked": asked or number,
    }
    return answered(render(request, "web/missing.html", context, status=404))


def reader() -> Reader:
    """Return who reads, as far as a server can know: language and moment; the zone is the carrier's until JavaScript runs."""
    lang = Lang.EN if language.is_english() else Lang.ZH
    return stories.reader(lang=lang, zone=ZoneInfo(settings.TIME_ZONE))


def read(answer: Answer, *, reader: Reader) -> stories.Story:
    return stories.story(answer, reader=reader)


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


@require_POST
def track_verify(request: HttpRequest, number: str) -> HttpResponse:
    """Check the last 4 digits of a party's phone; who knows them sees more of this number for half an hour."""
    refusal = verify(number, last4=request.POST.get("last4", ""), client=of(request).client)
    if refusal:
        answer = ask([number]).get(number)
        return one(request, answer, verify_error=refusal) if answer else missing(request, number=number)
    response = redirect("track-one", number)
    numbers = [number, *(each for each in seen(request) if each != number)][:SEEN_MAX]
    response.set_signed_cookie(
        SEEN_COOKIE, ",".join(numbers), max_age=SEEN_AGE_S, path="/track/", httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return response


def seen(request: HttpRequest) -> list[str]:
    """Return the numbers whose last 4 digits this browser gave."""
    return (request.get_signed_cookie(SEEN_COOKIE, default="", max_age=SEEN_AGE_S) or "").split(",")


def verify(number: str, *, last4: str, client: str) -> str:
    """Return why the digits are not accepted, or "" when they are right."""
    del number, last4, client
    return _("后 4 位不对，请核对后再试。")


@require_safe
def track_proof(request: HttpRequest, number: str, sha: str) -> HttpResponse:
    """Send a picture of the proof of delivery to whom this number's answer grants it."""
    raise Http404(request, number, sha)
