"""The forms of commands: one for each thing that may be asked of a terminal, each with its reason."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.fleet.queries import words
from huoji.core.alarm import KINDS
from huoji.core.fleet import CommandKind
from huoji.core.geo import to_e6
from huoji.wire.jt808.parameters import KNOWN

REASON_LENGTH_MAX, TEXT_LENGTH_MAX, LINES_LENGTH_MAX = 300, 400, 4_000
CONFIRMABLE = ("emergency", "danger", "area", "route", "segment_time", "illegal_ignition", "illegal_move", "door_open")
SHAPES = (("circle", _("圆形区域")), ("rectangle", _("矩形区域")), ("polygon", _("多边形区域")), ("route", _("路线")))
_BY_NAME = dict(KNOWN.values())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class CommandForm(forms.Form):
    """What every command needs: the reason."""

    reason = forms.CharField(
        label=_("原因"), max_length=REASON_LENGTH_MAX, help_text=_("会记入审计，例如：客户询问货物位置。")
    )

    def body(self) -> dict[str, Any]:
        """Return what the valid form asks of the terminal."""
        return {}


class TextForm(CommandForm):
    """Words for the driver."""

    field_order = ("text", "urgent", "speak", "display", "reason")
    text = forms.CharField(
        label=_("文本"), max_length=TEXT_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("只用文字和常用标点；可能被终端当作指令的符号会被拒绝。"),
    )  # fmt: skip
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    speak = forms.BooleanField(label=_("语音播报"), required=False, initial=True)
    display = forms.BooleanField(label=_("屏幕显示"), required=False, initial=True)

    def body(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("text", "urgent", "speak", "display")}


class TrackForm(CommandForm):
    """Report more often for a while."""

    field_order = ("interval_s", "valid_s", "reason")
    interval_s = forms.IntegerField(label=_("间隔（秒）"), min_value=1, max_value=3_600, initial=5)
    valid_s = forms.IntegerField(label=_("持续（秒）"), min_value=1, max_value=86_400, initial=600)

    def body(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("interval_s", "valid_s")}


class ReadForm(CommandForm):
    """Which parameters to read."""

    field_order = ("parameters", "reason")
    parameters = forms.CharField(
        label=_("参数名"), max_length=LINES_LENGTH_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个，例如 report_interval_s 或 0x0029；留空读取全部。"),
    )  # fmt: skip

    def body(self) -> dict[str, Any]:
        names = _lines(self.cleaned_data["parameters"])
        return {"parameters": names} if names else {}


class SetForm(CommandForm):
    """Which parameters to set."""

    field_order = ("parameters", "reason")
    parameters = forms.CharField(
        label=_("参数"), max_length=LINES_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一个“名称 = 值”，例如 report_interval_s = 30。改变平台地址、接入点或电话的参数须由另一人批准。"),
    )  # fmt: skip

    def clean_parameters(self) -> dict[str, int | str]:
        """Read lines of `name = value`; numbers are numbers where the standard has them so."""
        found: dict[str, int | str] = {}
        for line in _lines(self.cleaned_data["parameters"]):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not name:
                raise forms.ValidationError(_("每行写成“名称 = 值”"))
            is_text = _form_of(name) in {"text", "bytes"}
            found[name] = value if is_text or not value.lstrip("-").isdecimal() else int(value)
        return found

    def body(self) -> dict[str, Any]:
        return {"parameters": self.cleaned_data["parameters"]}


def _form_of(name: str) -> str:
    if name in _BY_NAME:
        return _BY_NAME[name]
    try:
        return KNOWN[int(name, 16)][1]
    except (ValueError, KeyError):
        return ""


class ConfirmForm(CommandForm):
    """Which alarms to confirm by hand."""

    field_order = ("alarms", "reason")
    alarms = forms.MultipleChoiceField(
        label=_("报警"),
        choices=lambda: [(kind, words.ALARMS[kind]) for kind in CONFIRMABLE],
        widget=forms.CheckboxSelectMultiple,
    )

    def body(self) -> dict[str, Any]:
        return {"alarms": sum(1 << KINDS.index(kind) for kind in self.cleaned_data["alarms"])}


class AreaForm(CommandForm):
    """An area or a route that the terminal itself watches."""

    field_order = ("shape", "id", "name", "points", "radius_m", "width_m", "reason")
    shape = forms.ChoiceField(label=_("形状"), choices=SHAPES)
    id = forms.IntegerField(label=_("编号"), min_value=1, max_value=0xFFFFFFFF)
    name = forms.CharField(label=_("名称"), max_length=30, required=False)
    points = forms.CharField(
        label=_("坐标"), max_length=LINES_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行“纬度, 经度”(WGS-84，度)。圆形写圆心，矩形写西北角和东南角。"),
    )  # fmt: skip
    radius_m = forms.IntegerField(label=_("半径（米）"), min_value=20, max_value=50_000, required=False)
    width_m = forms.IntegerField(label=_("路宽（米）"), min_value=1, max_value=255, required=False)

    def clean_points(self) -> list[list[int]]:
        """Read lines of `latitude, longitude` in degrees."""
        try:
            rows = [[to_e6(float(part)) for part in line.split(",")] for line in _lines(self.cleaned_data["points"])]
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("每行写成“纬度, 经度”")) from error
        return rows

    def body(self) -> dict[str, Any]:
        given = self.cleaned_data
        kept = {name: given[name] for name in ("shape", "id", "name", "points")}
        return kept | {name: given[name] for name in ("radius_m", "width_m") if given[name] is not None}


class DeleteAreaForm(CommandForm):
    """Areas or routes that the terminal shall forget."""

    field_order = ("shape", "ids", "reason")
    shape = forms.ChoiceField(label=_("形状"), choices=SHAPES)
    ids = forms.CharField(label=_("编号"), max_length=TEXT_LENGTH_MAX, help_text=_("用空格隔开。"))

    def clean_ids(self) -> list[int]:
        """Read numbers apart by blanks or commas."""
        try:
            return [int(part) for part in self.cleaned_data["ids"].replace(",", " ").split()]
        except ValueError as error:
            raise forms.ValidationError(_("编号是数字")) from error

    def body(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("shape", "ids")}


class AgreeForm(forms.Form):
    """Why one agrees, or takes back."""

    reason = forms.CharField(label=_("原因"), max_length=REASON_LENGTH_MAX, help_text=_("会记入审计。"))


FORMS: Mapping[CommandKind, Callable[..., CommandForm]] = {
    CommandKind.LOCATE: CommandForm,
    CommandKind.TEXT: TextForm,
    CommandKind.TRACK: TrackForm,
    CommandKind.READ_PARAMETERS: ReadForm,
    CommandKind.SET_PARAMETERS: SetForm,
    CommandKind.CONFIRM_ALARM: ConfirmForm,
    CommandKind.SET_AREA: AreaForm,
    CommandKind.DELETE_AREA: DeleteAreaForm,
    CommandKind.LINK_TEST: CommandForm,
}
