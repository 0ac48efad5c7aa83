"""The form that says how a table is read: one choice a column, and what no column says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoji.apps.shipments.queries.imports import Table
from huoji.core.answer import Audience
from huoji.core.importing import values
from huoji.core.importing.choices import DateOrder, DecimalSign, Makes
from huoji.core.importing.fields import FIELDS, GROUPS, Group
from huoji.core.importing.reading import Because, Question, Reading
from huoji.core.masking import mask_address, mask_name, mask_phone
from huoji.core.milestone import Line
from huoji.core.milestones import PROVIDERS
from huoji.core.scrub import scrub
from huoji.core.wording import label
from huoji.kit import clock

SAMPLES_SHOWN = 3
SAMPLE_CHARS_MAX = 32
HOURS = range(-12, 15)
ODD_OFFSETS_MIN = (-570, -210, 210, 270, 330, 345, 390, 570, 630)
NO_LINE = "none"

BECAUSE = {
    Because.NAME: _("列名相符"),
    Because.PART: _("列名包含"),
    Because.LOOKS: _("内容相符"),
    Because.BEFORE: _("沿用上次"),
}
QUESTIONS = {
    Question.NUMBER: _("请指定哪一列是运单号。"),
    Question.EVENT: _("请指定哪一列是轨迹时间。"),
    Question.LINE: _("请选择业务线，或指定哪一列是业务线。"),
    Question.DATE_ORDER: _("日期可以有两种读法：03/04 是 4 月 3 日还是 3 月 4 日？请选择日期顺序。"),
    Question.DECIMAL_SIGN: _("数字可以有两种读法：1,234 是一千多还是一点多？请选择小数点。"),
    Question.TWICE: _("有两列选了同一含义，请改其中一列。"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as people see it: its name, some cells, its choice and why it was guessed."""

    name: str
    samples: tuple[str, ...]
    control: forms.BoundField
    because: str | Promise
    is_used: bool


class ReadingForm(forms.Form):
    """How a table is read; columns are named by their place, since a header may hold anything."""

    makes = forms.ChoiceField(label=_("每行是什么"), choices=[
        (Makes.SHIPMENTS.value, _("运单（可带轨迹）")), (Makes.EVENTS.value, _("只是轨迹")),
    ])  # fmt: skip
    line = forms.ChoiceField(label=_("业务线（列中没有时）"))
    offset_min = forms.TypedChoiceField(label=_("时区（时间未注明时）"), coerce=int)
    date_order = forms.ChoiceField(label=_("日期顺序"), required=False, choices=[
        ("", _("按内容判断")), (DateOrder.DAY_FIRST.value, _("日/月/年")), (DateOrder.MONTH_FIRST.value, _("月/日/年")),
    ])  # fmt: skip
    decimal_sign = forms.ChoiceField(label=_("小数点"), required=False, choices=[
        ("", _("按内容判断")), (DecimalSign.POINT.value, _("点 1234.5")), (DecimalSign.COMMA.value, _("逗号 1234,5")),
    ])  # fmt: skip
    provider = forms.ChoiceField(label=_("状态代码来自"), required=False)

    def __init__(self, data: QueryDict | None = None, *, table: Table, reading: Reading) -> None:
        super().__init__(data, initial=_initial(reading, table.header))
        lang = clock.language()
        self.table, self.reading = table, reading
        offsets = sorted({*(hour * 60 for hour in HOURS), *ODD_OFFSETS_MIN, reading.offset_min})
        self._offer("line", [*((line.value, label(line, lang=lang)) for line in Line), (NO_LINE, _("每行自己写明"))])
        self._offer("offset_min", [(minutes, zone(minutes)) for minutes in offsets])
        self._offer("provider", [("", _("自己的文字")), *((name, name) for name in PROVIDERS)])
        choices = _field_choices(lang)
        for index, name in enumerate(table.header):
            self.fields[f"c{index}"] = forms.ChoiceField(label=name, required=False, choices=choices)

    def _offer(self, name: str, choices: Sequence[tuple[object, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def columns(self, because: dict[str, str]) -> Iterator[Column]:
        """Yield each column for the table of the page."""
        for index, name in enumerate(self.table.header):
            key = self.reading.columns.get(name, "")
            why = because.get(name, "")
            yield Column(
                name=name,
                samples=_samples(self.table, index, key),
                control=self[f"c{index}"],
                because=BECAUSE[Because(why)] if why and key else "",
                is_used=bool(key),
            )

    def whole(self) -> Iterator[forms.BoundField]:
        """Yield the choices about the whole table."""
        return (self[name] for name in ("makes", "line", "offset_min", "date_order", "decimal_sign", "provider"))

    def chosen(self) -> Reading:
        """Return the reading that the valid form says."""
        given = self.cleaned_data
        return Reading(
            columns={name: key for index, name in enumerate(self.table.header) if (key := given[f"c{index}"])},
            makes=Makes(given["makes"]),
            line=None if given["line"] == NO_LINE else Line(given["line"]),
            offset_min=given["offset_min"],
            date_order=DateOrder(given["date_order"]) if given["date_order"] else None,
            decimal_sign=DecimalSign(given["decimal_sign"]) if given["decimal_sign"] else None,
            provider=given["provider"],
        )


def _initial(reading: Reading, header: Sequence[str]) -> dict[str, object]:
    return {
        "makes": reading.makes.value,
        "line": reading.line.value if reading.line else NO_LINE,
        "offset_min": reading.offset_min,
        "date_order": reading.date_order or "",
        "decimal_sign": reading.decimal_sign or "",
        "provider": reading.provider,
        **{f"c{index}": reading.columns.get(name, "") for index, name in enumerate(header)},
    }


def _field_choices(lang: int) -> list[tuple[str, object]]:
    """Return every meaning under its group, for a select box."""
    by_group: dict[Group, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for field in FIELDS.values():
        by_group[field.group].append((field.key, (field.zh, field.en)[lang]))
    return [("", _("不导入")), *((GROUPS[group][lang], tuple(rows)) for group, rows in by_group.items())]


def _samples(table: Table, index: int, key: str) -> tuple[str, ...]:
    """Return a few different cells of a column, masked as far as they may tell of a person."""
    found = dict.fromkeys(told for line in table.samples if (told := values.words(line.cells[index])))
    return tuple(_masked(told[:SAMPLE_CHARS_MAX], key) for told in list(found)[:SAMPLES_SHOWN])


def _masked(told: str, key: str) -> str:
    match key.rpartition(".")[2]:
        case "name":
            return mask_name(told, level=Audience.BARE)
        case "phone":
            return mask_phone(told, level=Audience.BARE)
        case "address":
            return mask_address(told, level=Audience.BARE)
        case _:
            return told if key and key not in ("remark", "event.text") else scrub(told)


def zone(minutes: int) -> str:
    """Return an offset as people write it."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
