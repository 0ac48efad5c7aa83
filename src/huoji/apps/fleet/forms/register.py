"""The forms of the register: vehicles, vessels, terminals, and what is fitted to what."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
from huoji.apps.fleet.actions.terminals import Reading
from huoji.apps.fleet.queries import words
from huoji.core.conveyance import NAME_LENGTH_MAX, PLATE_LENGTH_MAX, PlateColour
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState
from huoji.core.position import FILTERS
from huoji.kit.localtime import LocalTimeField, OffsetForm, instant

SEARCH_LENGTH_MAX = 80
NUMBER_LENGTH_MAX = 40
DIALECT_LENGTH_MAX = 30
ANY = ("", _("全部"))
VERSIONS = (("", _("按消息头识别")), ("2011", "JT/T 808-2011"), ("2013", "JT/T 808-2013"), ("2019", "JT/T 808-2019"))


class ConveyanceFilterForm(forms.Form):
    """Which vehicles and vessels to list."""

    text = forms.CharField(label=_("车牌、船名、IMO、MMSI 或呼号"), max_length=SEARCH_LENGTH_MAX, required=False)
    kind = forms.TypedChoiceField(
        label=_("类型"),
        choices=lambda: [ANY, *words.KINDS.items()],
        coerce=ConveyanceKind,
        empty_value=None,
        required=False,
    )
    retired = forms.BooleanField(label=_("只看已停用"), required=False)


class ConveyanceForm(forms.Form):
    """What is known of a conveyance of one kind."""

    kind: ConveyanceKind

    def draft(self) -> ConveyanceDraft:
        """Return what the valid form says."""
        return ConveyanceDraft(kind=self.kind, **self.cleaned_data)


class VehicleForm(ConveyanceForm):
    """What is known of a vehicle."""

    kind = ConveyanceKind.VEHICLE

    plate = forms.CharField(
        label=_("车牌号"), max_length=PLATE_LENGTH_MAX, help_text=_("例如 沪A12345；空格和分隔点会去掉。")
    )
    plate_colour = forms.TypedChoiceField(
        label=_("车牌颜色"),
        choices=lambda: [("", "—"), *((colour.value, name) for colour, name in words.PLATE_COLOURS.items())],
        coerce=lambda text: PlateColour(int(text)).value,
        empty_value=None,
        required=False,
    )
    name = forms.CharField(label=_("名称或车号"), max_length=NAME_LENGTH_MAX, required=False)
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)


class VesselForm(ConveyanceForm):
    """What is known of a vessel."""

    kind = ConveyanceKind.VESSEL

    name = forms.CharField(label=_("中文船名"), max_length=NAME_LENGTH_MAX, required=False)
    name_en = forms.CharField(label=_("英文船名"), max_length=NAME_LENGTH_MAX, required=False)
    imo = forms.CharField(label=_("IMO 编号"), max_length=12, required=False, help_text=_("7 位数字，例如 9074729"))
    mmsi = forms.CharField(
        label="MMSI", max_length=12, required=False, help_text=_("9 位数字；AIS 按它识别船舶。IMO 与 MMSI 至少填一个。")
    )
    call_sign = forms.CharField(label=_("呼号"), max_length=10, required=False)
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)


class TerminalFilterForm(forms.Form):
    """Which terminals to list."""

    text = forms.CharField(label=_("终端号、设备 ID、IMEI 或车牌"), max_length=SEARCH_LENGTH_MAX, required=False)
    kind = forms.TypedChoiceField(
        label=_("类型"),
        choices=lambda: [ANY, *words.TERMINAL_KINDS.items()],
        coerce=TerminalKind,
        empty_value=None,
        required=False,
    )
    state = forms.TypedChoiceField(
        label=_("状态"),
        choices=lambda: [ANY, *((state, look[2]) for state, look in words.TERMINAL_STATES.items())],
        coerce=TerminalState,
        empty_value=None,
        required=False,
    )


class TerminalForm(forms.Form):
    """A new terminal."""

    kind = forms.TypedChoiceField(
        label=_("类型"), choices=lambda: list(words.TERMINAL_KINDS.items()), coerce=TerminalKind
    )
    number = forms.CharField(
        label=_("终端号"),
        max_length=NUMBER_LENGTH_MAX,
        help_text=_("JT/T 808 填终端手机号或 2019 版终端号，AIS 填 MMSI，其他填设备自己的编号。"),
    )
    maker = forms.CharField(label=_("厂商"), max_length=30, required=False)
    model = forms.CharField(label=_("型号"), max_length=40, required=False)


class ReadingForm(forms.Form):
    """How what a terminal sends is read."""

    version = forms.TypedChoiceField(
        label=_("协议版本"), choices=VERSIONS, coerce=int, empty_value=None, required=False,
        help_text=_("只有消息头与实际不符的设备才需要强制指定。"),
    )  # fmt: skip
    dialect = forms.SlugField(
        label=_("厂商方言"),
        max_length=DIALECT_LENGTH_MAX,
        required=False,
        help_text=_("方言文件的名称；留空按标准读取。"),
    )
    filters = forms.TypedMultipleChoiceField(
        label=_("过滤规则"),
        choices=lambda: [(name, words.FILTERS[name][0]) for name in FILTERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("按此次序判断，第一条符合的规则把点滤掉。滤掉的点仍应答，并原样保存数天。"),
    )

    def reading(self) -> Reading:
        """Return what the valid form says; the page ticks what is on, the table keeps what is off."""
        chosen = set(self.cleaned_data["filters"])
        return Reading(
            forced_version=self.cleaned_data["version"],
            dialect=self.cleaned_data["dialect"],
            filters_off=tuple(name for name in FILTERS if name not in chosen),
        )


class WhenForm(OffsetForm):
    """A time as the clock of the reader shows it; empty means now."""

    at = LocalTimeField(label=_("时间"), required=False, help_text=_("留空即现在。"))

    def when(self, *, now: datetime) -> datetime:
        """Return the instant that the valid form says."""
        given = self.cleaned_data
        return instant(given["at"], offset_min=given["offset_min"]) or now


class FitForm(WhenForm):
    """What to fit a terminal to."""

    field_order = ("conveyance", "at", "offset_min")
    conveyance = forms.CharField(label=_("车牌、船名、IMO 或 MMSI"), max_length=SEARCH_LENGTH_MAX)
