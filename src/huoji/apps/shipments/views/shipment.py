"""The page of one shipment: what it is, where it is, who told it, and what staff may do about it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.customers import queries as customers
from huoji.apps.shipments.actions import correcting, looking, retaining
from huoji.apps.shipments.actions.looking import Unmasked
from huoji.apps.shipments.forms import CauseForm, EraseForm, EventForm, place_names
from huoji.apps.shipments.queries import dossier, exceptions, journeys
from huoji.apps.shipments.queries.dossier import Dossier, RawEvent, UnitRow
from huoji.apps.shipments.views.curves import pictures
from huoji.apps.shipments.views.frame import GET_OR_POST, attempt, fresh, now, shipment_or_404
from huoji.core.answer import Entry
from huoji.core.custody import PAPERS
from huoji.core.look import BAD
from huoji.core.milestone import Classifier
from huoji.core.permission import Permission
from huoji.core.wording import STAGE_STATES, STAGES, sentence
from huoji.kit import blob, clock, live
from huoji.kit.http import Request, needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the timeline with its sentence; `correct_url` is there for who may take it back."""

    entry: Entry
    text: str
    css: str
    correct_url: str = ""


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def shipment(request: Request, number: str) -> HttpResponse:
    """Show a shipment; any of its references leads to its own number."""
    unit = shipment_or_404(request, number)
    if unit.number != number:
        return HttpResponseRedirect(reverse("shipment", args=[unit.number]))
    return page(request, unit)


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def story(request: Request, number: str) -> HttpResponse:
    """Show what changes of a page that is open already."""
    unit = shipment_or_404(request, number)
    return fresh(render(request, "shipments/story.html", moving(request, unit)))


def moving(request: Request, unit: UnitRow) -> dict[str, Any]:
    """Return what the live part of the page shows."""
    lang = clock.language()
    told = dossier.dossier(request.actor, unit, now=now(), language=lang)
    entries = lines(request, unit, told)
    raw = dossier.raw_events(request.actor, unit)
    return {
        "unit": unit,
        "told": told,
        "answer": told.answer,
        "ahead": [line for line in entries if line.entry.classifier is not Classifier.ACTUAL],
        "past": [line for line in entries if line.entry.classifier is Classifier.ACTUAL],
        "raw": raw,
        "corrected": dossier.corrected(unit),
        "may_see_raw": request.actor.may(Permission.RAW_VIEW),
        "may_correct": request.actor.may(Permission.EVENT_CORRECT),
        "customer": customer(request, told),
        "stages": [
            (state.value, words[lang], STAGE_STATES[state][lang])
            for state, words in zip(told.answer.stages, STAGES, strict=False)
        ],
        "states": journeys.states_of(unit.id),
        "exceptions": exceptions.of_shipment(request.actor, unit.id, lang=clock.language()),
        "live_token": live.token([live.topic("unit", unit.id)], now()),
    }


def customer(request: Request, told: Dossier) -> str:
    """Return the customer's name to who may know it."""
    known = told.agreed.customer_id
    if known is None or not request.actor.may(Permission.CUSTOMER_VIEW):
        return ""
    return customers.names_of([known]).get(known, "")


def lines(request: Request, unit: UnitRow, told: Dossier) -> list[Line]:
    """Return the timeline, newest first; an event can be taken back, never changed."""
    may_correct = request.actor.may(Permission.EVENT_CORRECT)
    lang = clock.language()
    return [
        Line(
            entry=entry,
            text=sentence(entry, lang=lang),
            css="plan" if entry.classifier is not Classifier.ACTUAL else "bad" if entry.milestone in BAD else "",
            correct_url=reverse("event-correct", args=[unit.number, entry.event_id])
            if may_correct and entry.event_id in told.own_event_ids
            else "",
        )
        for entry in told.answer.entries
    ]


def page(request: Request, unit: UnitRow, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the whole page, with a form that was refused in place of its empty twin."""
    actor = request.actor
    context = moving(request, unit) | {
        "papers": PAPERS,
        "watches": pictures(request, unit.id),
        "may_watch": request.actor.may(Permission.SENSOR_MANAGE),
        "may_add": actor.may(Permission.EVENT_ADD),
        "may_unmask": actor.may(Permission.PARTY_UNMASK),
        "may_label": actor.may(Permission.LABEL_PRINT),
        "may_audit": actor.may(Permission.AUDIT_VIEW),
        "may_see_storage": actor.may(Permission.STORAGE_VIEW),
        "event_form": EventForm(initial={"classifier": Classifier.ACTUAL.value}),
        "event_key": get_random_string(16),
        "cause_form": CauseForm(prefix="unmask"),
        "erase_form": EraseForm(prefix="erase"),
        "places": place_names() if actor.may(Permission.EVENT_ADD) else [],
        "live_url": live.url(request),
        **more,
    }
    return fresh(render(request, "shipments/shipment.html", context, status=status))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.PARTY_UNMASK)
def unmask(request: Request, number: str) -> HttpResponse:
    """Show the parties in full, for this view only; the reason and the look stay in the audit."""
    unit = shipment_or_404(request, number)
    form = CauseForm(request.POST, prefix="unmask")
    seen: list[Unmasked] = []
    if form.is_valid() and attempt(
        form, lambda: seen.append(looking.unmask(request.actor, unit_id=unit.id, cause=form.cleaned_data["cause"]))
    ):
        return page(request, unit, unmasked=seen[0])
    return page(request, unit, status=422, cause_form=form)


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.PARTY_UNMASK)
def erase(request: Request, number: str) -> HttpResponse:
    """Erase one party for good, on the person's request; the timeline stays, it holds no personal data."""
    unit = shipment_or_404(request, number)
    form = EraseForm(request.POST, prefix="erase")
    if form.is_valid() and attempt(
        form,
        lambda: retaining.erase_party(
            request.actor, unit_id=unit.id, role=form.cleaned_data["role"], reason=form.cleaned_data["cause"], now=now()
        ),
    ):
        messages.success(request, _("个人信息已删除"))
        return HttpResponseRedirect(reverse("shipment", args=[unit.number]))
    return page(request, unit, status=422, erase_form=form)


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EVENT_ADD)
def event_add(request: Request, number: str) -> HttpResponse:
    """Add an event that staff saw or was told; sending the same form twice adds it once."""
    unit = shipment_or_404(request, number)
    form = EventForm(request.POST)
    key = request.POST.get("key", "")[:40]
    if form.is_valid() and attempt(
        form,
        lambda: correcting.add(request.actor, told=form.told(kind=unit.kind, number=unit.number, key=key), now=now()),
    ):
        messages.success(request, _("轨迹已登记"))
        return HttpResponseRedirect(reverse("shipment", args=[unit.number]))
    return page(request, unit, status=422, event_form=form, event_key=key)


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.EVENT_CORRECT)
def event_correct(request: Request, number: str, event_id: int) -> HttpResponse:
    """Take an event back, with a reason; it stays in the records, struck out."""
    unit = shipment_or_404(request, number)
    event = next((each for each in dossier.events_of(unit) if each.event_id == event_id and each.stands), None)
    if event is None:
        raise Http404
    return correction(request, unit, event, back=reverse("shipment", args=[unit.number]))


def correction(request: Request, unit: UnitRow, event: RawEvent, *, back: str) -> HttpResponse:
    """Ask for the reason and take the event back."""
    form = CauseForm(request.POST or None)
    if form.is_valid() and attempt(form, lambda: correct(request, unit, event, form)):
        messages.success(request, _("已更正"))
        return HttpResponseRedirect(back)
    context = {"unit": unit, "event": event, "form": form, "back_url": back}
    return fresh(render(request, "shipments/correct.html", context, status=422 if form.errors else 200))


def correct(request: Request, unit: UnitRow, event: RawEvent, form: Form) -> None:
    correcting.correct(
        request.actor, unit_id=unit.id, event_id=event.event_id, reason=form.cleaned_data["cause"], now=now()
    )


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def proof(request: Request, number: str, sha: str) -> HttpResponseBase:
    """Send a picture that proves an event of this shipment."""
    unit = shipment_or_404(request, number)
    return blob.serve(
        request, sha, allowed=lambda _request: sha in dossier.pictures_of(unit), filename=f"{unit.number}-{sha[:8]}"
    )
