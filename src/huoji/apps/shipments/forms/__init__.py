"""The forms of shipments: filter the list, add an event, take one back, order a shipment."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from huoji.apps.customers import queries as customers
from huoji.apps.places import queries as places
from huoji.apps.shipments.queries.lists import Asked, Order
from huoji.core import wording
from huoji.core.draft import PIECES_MAX, ROLES, LegTold, PartyTold, ShipmentTold
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.report import Name, Told
from huoji.kit import clock
from huoji.kit.localtime import LocalTimeField, OffsetForm, moment

CAUSE_MAX = 200
PLACE_MAX = 120
LEG_ROWS = 5
REFERENCE_ROWS = 6
EVERY = ("", _("全部"))

Choices = list[tuple[str, Any]]


def _said(word: Any) -> Any:
    """Say one of our words when the page is drawn, in the reader's language."""
    return lazy(lambda: wording.label(word, lang=clock.language()), str)()


def _role(role: str) -> Any:
    return lazy(lambda: wording.ROLES[role][clock.language()], str)()


def sites() -> Choices:
    """Return every site for a select box."""
    lang = clock.language()
    rows = sorted(places.places().values(), key=lambda place: place.code)
    return [EVERY, *((str(place.id), f"{place.name_in(lang)} ({place.code})") for place in rows)]


def place_names() -> list[str]:
    """Return the names of open sites, to be offered while one types a place."""
    lang = clock.language()
    return sorted({place.name_in(lang) for place in places.places().values() if place.active})


def _optional_int(value: str) -> int | None:
    return int(value) if value else None


class FilterForm(forms.Form):
    """Which shipments to list."""

    text = forms.CharField(label=_("单号、参考号、起讫地或货物"), max_length=80, required=False)
    status = forms.ChoiceField(
        choices=[EVERY, *((s.value, s.value) for s in Status)], required=False, widget=forms.HiddenInput
    )
    line = forms.ChoiceField(label=_("业务类型"), choices=[EVERY, *((x.value, _said(x)) for x in Line)], required=False)
    site = forms.TypedChoiceField(
        label=_("站点"), choices=sites, coerce=_optional_int, empty_value=None, required=False
    )
    customer = forms.CharField(label=_("客户编码"), max_length=40, required=False)
    since = forms.DateField(
        label=_("建单从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    order = forms.ChoiceField(
        label=_("排序"), required=False,
        choices=[(Order.NEWEST.value, _("最近建单")), (Order.SILENT.value, _("最久没有更新")), (Order.LATE.value, _("晚于计划，最晚在前"))],
    )  # fmt: skip
    open = forms.BooleanField(label=_("未结束"), required=False)
    stalled = forms.BooleanField(label=_("停滞"), required=False)
    late = forms.BooleanField(label=_("晚于计划"), required=False)

    def clean_customer(self) -> int | None:
        """Return the id of the customer of that code."""
        code: str = self.cleaned_data["customer"]
        if not code:
            return None
        found = customers.id_of(code)
        if found is None:
            raise forms.ValidationError(_("没有这个客户编码。"))
        return found

    def asked(self) -> Asked:
        """Return what the valid form asks for."""
        given = self.cleaned_data
        return Asked(
            text=given["text"], site_id=given["site"], status=Status(given["status"]) if given["status"] else None,
            is_open=given["open"], line=Line(given["line"]) if given["line"] else None, stalled=given["stalled"],
            late=given["late"], customer_id=given.get("customer"), since=given["since"], until=given["until"],
            order=Order(given["order"]) if given["order"] else Order.NEWEST,
        )  # fmt: skip


class ViewForm(forms.Form):
    """A name for the present filter."""

    name = forms.CharField(label=_("视图名称"), max_length=60)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)


class CauseForm(forms.Form):
    """A reason that goes into the audit."""

    cause = forms.CharField(label=_("原因"), min_length=2, max_length=CAUSE_MAX)


class EraseForm(CauseForm):
    """Whose personal data are erased, and on whose request."""

    role = forms.ChoiceField(label=_("删除谁的信息"), choices=[(role, _role(role)) for role in ROLES])

    field_order = ("role", "cause")


class RetargetForm(CauseForm):
    """The shipment that a parked event was meant for."""

    number = forms.CharField(label=_("运单号"), max_length=80)


GROUPS: tuple[tuple[Any, tuple[Milestone, ...]], ...] = (
    (_("揽收"), (Milestone.AWAITING_PICKUP, Milestone.PICKED_UP, Milestone.PICKUP_FAILED)),
    (
        _("运输"),
        (
            Milestone.SORTED, Milestone.ARRIVED, Milestone.DEPARTED, Milestone.LOADED, Milestone.UNLOADED,
            Milestone.IN_TRANSIT, Milestone.FORWARDED, Milestone.ARRIVED_DEST,
        ),
    ),
    (
        _("派送与签收"),
        (
            Milestone.OUT_FOR_DELIVERY, Milestone.AT_PICKUP_POINT, Milestone.ATTEMPT_FAILED, Milestone.DELIVERED,
            Milestone.REFUSED, Milestone.RETURNING, Milestone.RETURNED,
        ),
    ),
    (
        _("箱与港"),
        (
            Milestone.BOOKED, Milestone.EMPTY_PICKED_UP, Milestone.STUFFED, Milestone.GATE_IN, Milestone.GATE_OUT,
            Milestone.STRIPPED, Milestone.EMPTY_RETURNED,
        ),
    ),
    (
        _("海关"),
        (
            Milestone.CUSTOMS_WAITING, Milestone.CUSTOMS_STARTED, Milestone.CUSTOMS_HELD, Milestone.CUSTOMS_CLEARED,
        ),
    ),
    (_("其他"), (Milestone.EXCEPTION, Milestone.RESOLVED, Milestone.CANCELLED, Milestone.INFO)),
)  # fmt: skip


class EventForm(OffsetForm):
    """Something that a member of staff saw or was told."""

    milestone = forms.ChoiceField(
        label=_("发生了什么"),
        choices=[("", _("请选择")), *((group, [(m.value, _said(m)) for m in some]) for group, some in GROUPS)],
    )
    classifier = forms.ChoiceField(label=_("性质"), choices=[(c.value, _said(c)) for c in reversed(Classifier)])
    occurred_at = LocalTimeField(label=_("时间"))
    place = forms.CharField(
        label=_("地点"), max_length=PLACE_MAX, required=False, widget=forms.TextInput(attrs={"list": "hj-places"})
    )
    next_place = forms.CharField(
        label=_("下一站"), max_length=PLACE_MAX, required=False, widget=forms.TextInput(attrs={"list": "hj-places"})
    )
    reason = forms.ChoiceField(
        label=_("细分原因"), required=False, choices=[("", _("无")), *((r.value, _said(r)) for r in Reason if r)]
    )
    vehicle_kind = forms.ChoiceField(
        label=_("装入或卸自"), required=False,
        choices=[("", _("无")), ("trip", _("车次")), ("voyage", _("航次")), ("container", _("集装箱"))],
    )  # fmt: skip
    vehicle = forms.CharField(label=_("车次、航次或箱号"), max_length=80, required=False)
    note = forms.CharField(
        label=_("依据"), max_length=CAUSE_MAX, help_text=_("从何处得知，例如：与武汉中心电话核实。会记入审计。")
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both kind and number of a vehicle."""
        given = super().clean() or {}
        if bool(given.get("vehicle_kind")) != bool(given.get("vehicle")):
            self.add_error("vehicle", _("请同时选择类型并填写号码。"))
        return given

    def told(self, *, kind: str, number: str, key: str) -> Told:
        """Return the event as told about a unit."""
        given = self.cleaned_data
        return Told(
            occurred_at=self.moment("occurred_at"), unit=Name(kind, number), id=key, classifier=given["classifier"],
            milestone=given["milestone"], reason=given["reason"], place=given["place"], next_place=given["next_place"],
            holder=Name(given["vehicle_kind"], given["vehicle"]) if given["vehicle"] else None, note=given["note"],
        )  # fmt: skip


class ShipmentForm(OffsetForm):
    """A new shipment: what it is and where it goes."""

    line = forms.ChoiceField(
        label=_("业务类型"), choices=[(x.value, _said(x)) for x in (Line.EXPRESS, Line.ROAD, Line.OCEAN)]
    )
    number = forms.CharField(label=_("单号"), max_length=80, required=False, help_text=_("留空则由系统编号。"))
    order = forms.CharField(label=_("订单号"), max_length=40, required=False)
    customer = forms.CharField(label=_("客户编码"), max_length=40, required=False)
    origin = forms.CharField(label=_("始发"), max_length=PLACE_MAX, widget=forms.TextInput(attrs={"list": "hj-places"}))
    destination = forms.CharField(
        label=_("目的"), max_length=PLACE_MAX, widget=forms.TextInput(attrs={"list": "hj-places"})
    )
    goods = forms.CharField(label=_("货物"), max_length=200)
    pieces = forms.IntegerField(label=_("件数"), min_value=1, max_value=PIECES_MAX, initial=1)
    weight_kg = forms.DecimalField(
        label=_("重量（千克）"), min_value=Decimal(0), max_digits=10, decimal_places=3, required=False
    )
    volume_m3 = forms.DecimalField(
        label=_("体积（立方米）"), min_value=Decimal(0), max_digits=10, decimal_places=3, required=False
    )
    promised_at = LocalTimeField(label=_("承诺送达"), required=False)
    remark = forms.CharField(label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PartyForm(forms.Form):
    """One party of a new shipment."""

    name = forms.CharField(label=_("姓名或公司"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label=_("地址"), max_length=300, required=False)


class ReferenceForm(forms.Form):
    """Another number of a new shipment."""

    kind = forms.ChoiceField(
        label=_("种类"), required=False,
        choices=[
            ("customer", _("客户单号")), ("booking", _("订舱号")), ("bill", _("提单号")), ("container", _("箱号")),
            ("carrier", _("承运商单号")),
        ],
    )  # fmt: skip
    number = forms.CharField(label=_("号码"), max_length=80, required=False)


class LegForm(forms.Form):
    """One planned part of the way."""

    mode = forms.ChoiceField(
        label=_("方式"), required=False, choices=[(m.value, _said(m)) for m in Mode if m is not Mode.UNKNOWN]
    )
    origin = forms.CharField(
        label=_("从"), max_length=PLACE_MAX, required=False, widget=forms.TextInput(attrs={"list": "hj-places"})
    )
    destination = forms.CharField(
        label=_("到"), max_length=PLACE_MAX, required=False, widget=forms.TextInput(attrs={"list": "hj-places"})
    )
    departs_at = LocalTimeField(label=_("计划离开"), required=False)
    arrives_at = LocalTimeField(label=_("计划到达"), required=False)
    vehicle_kind = forms.ChoiceField(
        label=_("运输工具"), required=False,
        choices=[("", _("未定")), ("trip", _("车次")), ("voyage", _("航次")), ("container", _("集装箱"))],
    )  # fmt: skip
    vehicle = forms.CharField(label=_("号码"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for both ends of a leg, and for both kind and number of its vehicle."""
        given = super().clean() or {}
        if bool(given.get("origin")) != bool(given.get("destination")):
            self.add_error("destination" if given.get("origin") else "origin", _("一段路程要有起点和终点。"))
        if bool(given.get("vehicle_kind")) != bool(given.get("vehicle")):
            self.add_error("vehicle", _("请同时选择类型并填写号码。"))
        return given


class OrderSheet:
    """The whole form of a new shipment: the shipment, its parties, references and legs."""

    def __init__(self, data: Mapping[str, Any] | None, *, initial: Mapping[str, Any]) -> None:
        def make(kind: type[forms.Form], prefix: str) -> Any:
            start = {name[len(prefix) + 1 :]: value for name, value in initial.items() if name.startswith(f"{prefix}-")}
            return kind(data, prefix=prefix, initial=start)

        self.main = ShipmentForm(data, initial=dict(initial))
        self.parties = {role: make(PartyForm, role) for role in ROLES}
        for role in ("shipper", "consignee"):
            self.parties[role].fields["name"].required = True
        self.references = [make(ReferenceForm, f"ref{index}") for index in range(REFERENCE_ROWS)]
        self.legs = [make(LegForm, f"leg{index}") for index in range(LEG_ROWS)]

    def forms(self) -> Iterator[forms.Form]:
        yield from (self.main, *self.parties.values(), *self.references, *self.legs)

    def has_more(self) -> bool:
        """Tell whether anything stands in the parties that only some shipments have."""
        rare = [self.parties[role] for role in ROLES if role not in ("shipper", "consignee")]
        return any(field.value() for form in rare for field in form) or any(
            form.errors for form in rare if form.is_bound
        )

    def is_valid(self) -> bool:
        """Check everything, so that all faults are shown at once."""
        return all([form.is_valid() for form in self.forms()])  # noqa: C419  every form must look

    def told(self) -> ShipmentTold:
        """Return the shipment as told."""
        given = self.main.cleaned_data
        parties = ((role, form.cleaned_data) for role, form in self.parties.items())
        return ShipmentTold(
            line=given["line"], number=given["number"], order=given["order"], customer=given["customer"],
            goods=given["goods"], pieces=given["pieces"], weight_kg=_text(given["weight_kg"]),
            volume_m3=_text(given["volume_m3"]), remark=given["remark"], origin=given["origin"],
            destination=given["destination"], promised_at=self.main.moment("promised_at"),
            parties=tuple(
                PartyTold(role=role, name=p["name"], phone=p["phone"], address=p["address"])
                for role, p in parties
                if any(p.values())
            ),
            references=tuple(
                Name(form.cleaned_data["kind"], form.cleaned_data["number"])
                for form in self.references
                if form.cleaned_data["number"]
            ),
            legs=tuple(
                _leg(form.cleaned_data, offset_min=given["offset_min"])
                for form in self.legs
                if form.cleaned_data["origin"]
            ),
        )  # fmt: skip

    def blame(self, field: str, detail: str) -> None:
        """Put the fault that the rules found beside its field."""
        group, _dot, name = field.partition(".")
        kind, _bracket, index = group.partition("[")
        form: Any = self.main
        if index:
            row = int(index.rstrip("]"))
            if kind == "legs":
                form = [form for form in self.legs if form.cleaned_data["origin"]][row]
            elif kind == "references":
                form = [form for form in self.references if form.cleaned_data["number"]][row]
            else:
                form = [form for form in self.parties.values() if any(form.cleaned_data.values())][row]
        target = name or group
        form.add_error(target if target in form.fields else None, detail)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _leg(given: Mapping[str, Any], *, offset_min: int | None) -> LegTold:
    return LegTold(
        mode=given["mode"] or Mode.UNKNOWN.value, origin=given["origin"], destination=given["destination"],
        departs_at=moment(given["departs_at"], offset_min=offset_min),
        arrives_at=moment(given["arrives_at"], offset_min=offset_min),
        vehicle=Name(given["vehicle_kind"], given["vehicle"]) if given["vehicle"] else None,
    )  # fmt: skip
