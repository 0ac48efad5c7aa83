"""The forms of the warehouse."""

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.core import exception_words
from huoji.core.exception import CauseCode
from huoji.kit import clock

PASTE_CHARS_MAX = 60_000
TEXT_CHARS_MAX = 80


class StockFilterForm(forms.Form):
    """Which stock is shown."""

    text = forms.CharField(label=_("单号或库位"), max_length=TEXT_CHARS_MAX, required=False)
    site = forms.ChoiceField(label=_("所在站点"), required=False)
    overdue = forms.BooleanField(label=_("超期"), required=False)
    unshelved = forms.BooleanField(label=_("未上架"), required=False)

    def __init__(self, *args: object, sites: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site"].choices = [("", _("全部")), *sites]  # type: ignore[attr-defined]


class PasteForm(forms.Form):
    """A list of shelves, as it is pasted."""

    text = forms.CharField(
        label=_("库位清单"),
        max_length=PASTE_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写作 区-排-位，如 A-01-03；一行一个或用逗号隔开。A-01~12-01~06 表示 12 排、每排 6 位。"),
    )


class CountForm(forms.Form):
    """Where to count."""

    site = forms.ChoiceField(label=_("所在站点"))
    area = forms.CharField(label=_("库区"), max_length=8, required=False, help_text=_("如 A；不填则盘点未上架的货物。"))

    def __init__(self, *args: object, sites: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site"].choices = sites  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """What a discrepancy turned out to be."""

    note = forms.CharField(label=_("核实结果"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class FindingForm(forms.Form):
    """What an investigation found."""

    finding = forms.CharField(label=_("调查结果"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    cause = forms.ChoiceField(label=_("异常原因"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        words = [(cause.value, exception_words.CAUSES[cause][clock.language()]) for cause in CauseCode]
        self.fields["cause"].choices = [("", _("未明")), *words]  # type: ignore[attr-defined]
