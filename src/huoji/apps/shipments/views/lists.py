"""The list of shipments: filters, pages, saved views and the masked file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.customers import queries as customers
from huoji.apps.shipments.actions import desk
from huoji.apps.shipments.forms import FilterForm, ViewForm
from huoji.apps.shipments.queries import lists
from huoji.apps.shipments.queries.lists import Asked, Counts, ListPage, ListRow
from huoji.apps.shipments.views.frame import PAGE_ROWS, attempt, fresh, now, query_without
from huoji.core.look import look
from huoji.core.milestone import Line, Status
from huoji.core.permission import Permission
from huoji.core.wording import label
from huoji.kit import clock
from huoji.kit.http import Request, needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One way to narrow the list by a click: how many there are, and the address that shows them."""

    text: str
    count: int
    query: str
    is_current: bool
    tone: str = ""
    icon: str = ""


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def shipments(request: Request) -> HttpResponse:
    """List the shipments that the actor may see."""
    form = FilterForm(request.GET)
    actor, lang = request.actor, clock.language()
    if not actor.may(Permission.CUSTOMER_VIEW):
        del form.fields["customer"]
    asked = form.asked() if form.is_valid() else None
    found = ListPage(rows=[], next="")
    counted: Counts | None = None
    if asked is not None:
        found = lists.shipment_page(actor, asked, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS, lang=lang)
        counted = lists.counts(actor, replace(asked, status=None))
    context = {
        "form": form,
        "asked": asked,
        "found": found,
        "counted": counted,
        "tabs": tabs(request, asked, counted) if asked and counted else [],
        "query": query_without(request),
        "is_filtered": bool(query_without(request, "order")),
        "customers": names(request, found),
        "saved": lists.saved_views(actor),
        "view_form": ViewForm(initial={"query": query_without(request)}),
        "may_create": actor.may(Permission.SHIPMENT_CREATE),
        "may_export": actor.may(Permission.EXPORT_RUN),
        "export_max": desk.EXPORT_ROWS_MAX,
        "now": now(),
    }
    return fresh(render(request, "shipments/list.html", context, status=200 if asked else 422))


def names(request: Request, found: ListPage) -> Mapping[int, str]:
    """Return the names of the customers on the page, to who may know them."""
    if not request.actor.may(Permission.CUSTOMER_VIEW):
        return {}
    return customers.names_of(row.customer_id for row in found.rows if row.customer_id)


def tabs(request: Request, asked: Asked, counted: Counts) -> list[Tab]:
    """Return the statuses that occur, each with its number."""
    lang = clock.language()
    rest = query_without(request, "status")
    every = Tab(text=_("全部"), count=counted.total, query=rest, is_current=asked.status is None)
    return [
        every,
        *(
            Tab(
                text=label(status, lang=lang), count=counted.by_status[status],
                query=f"{rest}&status={status.value}".lstrip("&"), is_current=asked.status is status,
                tone=look(status, line=Line.ROAD)[0], icon=look(status, line=asked.line or Line.ROAD)[1],
            )
            for status in Status
            if status in counted.by_status
        ),
    ]  # fmt: skip


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EXPORT_RUN)
def export(request: Request) -> HttpResponse:
    """Give the filtered list as a CSV file, names masked."""
    form = FilterForm(QueryDict(request.POST.get("query", "")))
    if not form.is_valid():
        return HttpResponseRedirect(reverse("shipment-list"))
    lang = clock.language()
    head = [
        _("单号"), _("业务类型"), _("状态"), _("始发"), _("目的"), _("货物"), _("件数"), _("收件人"), _("建单时间"),
        _("最新时间"), _("最新位置"), _("预计到达"), _("晚于计划（分钟）"), _("停滞自"),
    ]  # fmt: skip

    def cells(row: ListRow) -> list[str]:
        times = (row.created_at, row.last_at, row.expected_at, row.stalled_since)
        created, last, expected, stalled = (
            at.astimezone(zone).isoformat(timespec="minutes") if at else "" for at in times
        )
        return [
            row.number, label(row.line, lang=lang), label(row.status, lang=lang), row.origin, row.destination,
            row.goods, str(row.pieces), row.consignee, created, last, row.place, expected, str(row.late_min), stalled,
        ]  # fmt: skip

    zone = clock.reader().zone
    body = desk.export(request.actor, form.asked(), head=head, cells=cells, lang=lang)
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="shipments-{now().astimezone(zone):%Y%m%d-%H%M}.csv"'
    return fresh(answer)


@require_POST
@needs(Permission.SHIPMENT_VIEW)
def view_save(request: Request) -> HttpResponse:
    """Keep the present filter under a name, for this member of staff."""
    form = ViewForm(request.POST)
    query = plain_query(request.POST.get("query", ""))
    if not form.is_valid():
        messages.error(request, _("请给视图起个名字。"))
    elif attempt(form, lambda: desk.save_view(request.actor, name=form.cleaned_data["name"], query=query)):
        messages.success(request, _("视图已保存"))
    else:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    return HttpResponseRedirect(f"{reverse('shipment-list')}?{query}")


def plain_query(text: str) -> str:
    """Return a query string of our own making, whatever was sent."""
    known = {*FilterForm.base_fields}
    return urlencode([(name, value) for name, value in parse_qsl(text) if name in known])


@require_POST
@needs(Permission.SHIPMENT_VIEW)
def view_drop(request: Request, view_id: int) -> HttpResponse:
    """Forget one of one's own views."""
    desk.drop_view(request.actor, view_id=view_id)
    return HttpResponseRedirect(reverse("shipment-list"))
