"""The pages of imports: the list, an upload, how a file is read, its run, its result, and taking it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.accounts import queries as accounts
from huoji.apps.shipments.actions import batches, importing
from huoji.apps.shipments.forms import CauseForm
from huoji.apps.shipments.queries import imports
from huoji.apps.shipments.queries.imports import Import, State, Table
from huoji.apps.shipments.views.frame import GET_OR_POST, PAGE_ROWS, fresh, now, query_without
from huoji.apps.shipments.views.import_form import QUESTIONS, ReadingForm
from huoji.apps.shipments.views.import_preview import shown
from huoji.core import undoing
from huoji.core.importing.faults import failure
from huoji.core.permission import Permission
from huoji.kit import blob, clock, live
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

STATES: dict[str, tuple[str | Promise, str, str]] = {  # word, tone, icon
    State.UPLOADED: (gettext_lazy("待确认"), "warn", "adjustments"),
    State.RUNNING: (gettext_lazy("导入中"), "move", "refresh"),
    State.DONE: (gettext_lazy("已完成"), "good", "circle-check"),
    State.FAILED: (gettext_lazy("已停止"), "bad", "alert-triangle"),
    State.UNDOING: (gettext_lazy("撤销中"), "move", "arrow-back-up"),
    State.UNDONE: (gettext_lazy("整批已撤销"), "calm", "arrow-back-up"),
}
MOVING = (State.RUNNING, State.UNDOING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An import as a line of the list."""

    batch: Import
    word: str | Promise
    tone: str
    icon: str
    who: str
    percent: int


def entry(batch: Import, names: dict[str, str]) -> Entry:
    word, tone, icon = STATES[batch.state]
    rows, total = batch.progress.get("rows", 0), batch.progress.get("total", 0)
    percent = 100 if batch.state == State.DONE else rows * 100 // total if total else 0
    who = names.get(batch.principal, "")
    return Entry(batch=batch, word=word, tone=tone, icon=icon, who=who, percent=percent)


@require_safe
@needs(Permission.IMPORT_RUN)
def import_list(request: Request) -> HttpResponse:
    """List the imports, newest first; with `unsettled` those of the reader that want something of him."""
    only = imports.unsettled(request.actor, now=now()) if request.GET.get("unsettled") else None
    found = imports.import_page(request.actor, only=only, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    names = accounts.names_of(batch.principal for batch in found.rows)
    entries = [entry(batch, names) for batch in found.rows]
    context = {"found": found, "entries": entries, "unsettled": only is not None, "query": query_without(request)}
    return fresh(render(request, "shipments/imports.html", context))


class UploadForm(forms.Form):
    """A table to import."""

    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
        help_text=gettext_lazy(
            "CSV（UTF-8、UTF-16 或 GBK）、XLSX、XLS 或 ODS；最多 20 MB、200,000 行。可以直接拖到这里。"
        ),
        max_length=200,
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > blob.BLOB_BYTES_MAX:
            raise ValidationError(_("文件过大：请拆成几个文件"))
        return file


@require_http_methods(GET_OR_POST)
@needs(Permission.IMPORT_RUN)
def import_new(request: Request) -> HttpResponse:
    """Take a file and lead to how it would be read."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch_id = importing.upload(request.actor, name=file.name, data=file.read())
        except Problem as refused:
            form.add_error("file", str(refused.detail or refused.title))
        else:
            return HttpResponseRedirect(reverse("import", args=[batch_id]))
    return fresh(render(request, "shipments/import_new.html", {"form": form}, status=422 if form.errors else 200))


@require_safe
@needs(Permission.IMPORT_RUN)
def import_one(request: Request, batch_id: int) -> HttpResponse:
    """Show an import: how the file would be read while it waits, else how far it came and what became of it."""
    return page(request, imports.batch_of(request.actor, batch_id=batch_id))


def page(request: Request, batch: Import, *, status: int = 200, **more: Any) -> HttpResponse:
    context = state_of(request, batch) | {"live_url": live.url(request), "undo_form": CauseForm(prefix="undo"), **more}
    if batch.state in (State.UPLOADED, State.FAILED):
        try:
            table = imports.table_of(batch)
        except FileNotFoundError:
            context["problem"] = failure("file_gone", lang=clock.language())
        else:
            form = more.get("form") or ReadingForm(table=table, reading=imports.reading_of(batch))
            context |= {"form": form} | looked_at(batch, table, form)
    return fresh(render(request, "shipments/import.html", context, status=status))


def looked_at(batch: Import, table: Table, form: ReadingForm) -> dict[str, Any]:
    """Return what the page shows of a file that waits."""
    reading = imports.reading_of(batch)
    asked = imports.open_questions(reading, table)
    return {
        "table": table,
        "columns": list(form.columns(batch.mapping.get("because", {}))),
        "questions": [QUESTIONS[question] for question in asked],
        "shown": shown(imports.preview(reading, table)),
        "preview_rows": imports.PREVIEW_ROWS,
    }


def state_of(request: Request, batch: Import) -> dict[str, Any]:
    """Return what changes of the page by itself."""
    told = entry(batch, accounts.names_of([batch.principal]))
    return {
        "batch": batch,
        "entry": told,
        "is_moving": batch.state in MOVING,
        "figures": list(figures(batch)),
        "is_undone": batch.state == State.UNDONE,
        "outcomes": list(undoing.outcomes(batch.counts, lang=clock.language())),
        "nothing": undoing.NOTHING[clock.language()],
        "problem": failure(batch.error, lang=clock.language()) if batch.error else "",
        "may_undo": request.actor.may(Permission.IMPORT_UNDO) and batch.state in (State.DONE, State.FAILED),
        "may_have_errors": bool(batch.error_blob) and imports.may_have_errors(request.actor, batch),
        "live_token": live.token([live.topic("batch", batch.pk)], now()),
    }


def figures(batch: Import) -> Iterator[tuple[str, int]]:
    """Yield what came of an import, without what is none."""
    words = (
        ("rows", _("读取行数")), ("rows_bad", _("未导入的行")), ("warnings", _("提示（行已导入）")),
        ("shipments_new", _("新增运单")), ("shipments_changed", _("更新或恢复的运单")), ("shipments_same", _("没有变化的运单")),
        ("shipments_refused", _("被拒绝的运单")), ("events_new", _("新增轨迹")), ("events_same", _("已有的轨迹")),
        ("events_parked", _("待认领的轨迹")), ("events_refused", _("被拒绝的轨迹")),
    )  # fmt: skip
    return ((word, batch.counts[key]) for key, word in words if batch.counts.get(key))


@require_safe
@needs(Permission.IMPORT_RUN)
def import_state(request: Request, batch_id: int) -> HttpResponse:
    """Show how far a running import is; one that has ended is shown as a whole page."""
    batch = imports.batch_of(request.actor, batch_id=batch_id)
    answer = fresh(render(request, "shipments/import_state.html", state_of(request, batch)))
    if batch.state not in MOVING:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@needs(Permission.IMPORT_RUN)
def import_choose(request: Request, batch_id: int) -> HttpResponse:
    """Keep how the file is to be read and show it so; with `go`, start the import."""
    batch = imports.batch_of(request.actor, batch_id=batch_id)
    if batch.state not in (State.UPLOADED, State.FAILED):
        return HttpResponseRedirect(reverse("import", args=[batch_id]))
    table = imports.table_of(batch)
    form = ReadingForm(request.POST, table=table, reading=imports.reading_of(batch))
    if not form.is_valid():
        return page(request, batch, status=422, form=form)
    importing.choose(request.actor, batch_id=batch_id, reading=form.chosen())
    if "go" in request.POST:
        try:
            importing.start(request.actor, batch_id=batch_id, lang=clock.language())
        except Problem as refused:
            if refused.code != "import_questions":
                raise
        return HttpResponseRedirect(reverse("import", args=[batch_id]))
    if "HX-Request" not in request.headers:
        return HttpResponseRedirect(reverse("import", args=[batch_id]))
    batch = imports.batch_of(request.actor, batch_id=batch_id)
    again = ReadingForm(table=table, reading=imports.reading_of(batch))
    context = state_of(request, batch) | {"form": again} | looked_at(batch, table, again)
    return fresh(render(request, "shipments/import_preview.html", context))


@require_POST
@needs(Permission.IMPORT_RUN, Permission.IMPORT_UNDO)
def import_undo(request: Request, batch_id: int) -> HttpResponse:
    """Take an import back as a whole, with a reason."""
    batch = imports.batch_of(request.actor, batch_id=batch_id)
    form = CauseForm(request.POST, prefix="undo")
    if form.is_valid():
        try:
            batches.undo_later(request.actor, batch_id=batch_id, reason=form.cleaned_data["cause"])
        except Problem as refused:
            messages.error(request, str(refused.detail or refused.title))
        return HttpResponseRedirect(reverse("import", args=[batch_id]))
    return page(request, batch, status=422, undo_form=form)


@require_safe
@needs(Permission.IMPORT_RUN)
def import_errors(request: Request, batch_id: int) -> FileResponse:
    """Send the file of what was wrong with which row, which holds those rows as they came."""
    sha256 = importing.hand_out_errors(request.actor, batch_id=batch_id)
    return blob.serve(request, sha256, allowed=lambda _request: True, filename=f"import-{batch_id}-errors.csv")
