"""The form by which a sensor is set to watch a unit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.shipments.actions.watching import WATCHED, WatchDraft
from huoji.apps.shipments.forms.runs import WhenField
from huoji.core.fleet import Metric
from huoji.core.reading import DEVICE_LENGTH_MAX
from huoji.core.sensing import ALLOWED_MIN_MAX, Limit

METRIC_WORDS = {
    Metric.TEMPERATURE: _("温度 (°C)"),
    Metric.HUMIDITY: _("湿度 (%)"),
    Metric.PRESSURE: _("气压 (hPa)"),
    Metric.DOOR: _("箱门 (1 开 0 关)"),
    Metric.SHOCK: _("震动 (g)"),
}


class WatchForm(forms.Form):
    """Which sensor watches what, within which limits."""

    sensor = forms.CharField(
        label=_("传感器编号"),
        max_length=DEVICE_LENGTH_MAX,
        help_text=_("设备上的编号；冷藏车可填车载终端号。还没上报过的也可以先填。"),
    )
    metric = forms.TypedChoiceField(
        label=_("监测项"), coerce=Metric, choices=[(each.value, METRIC_WORDS[each]) for each in WATCHED]
    )
    low = forms.FloatField(label=_("下限"), required=False)
    high = forms.FloatField(label=_("上限"), required=False, help_text=_("上下限至少填一个"))
    allowed_min = forms.IntegerField(
        label=_("允许超限（分钟）"), min_value=0, max_value=ALLOWED_MIN_MAX, initial=30,
        help_text=_("连续超限超过这个时间才算一次超限；0 为立即"),
    )  # fmt: skip
    margin = forms.FloatField(
        label=_("恢复回差"), required=False, min_value=0, help_text=_("回到限值以内这么多才算恢复，免得反复")
    )
    since = WhenField(label=_("开始"))
    until = WhenField(label=_("结束"), required=False, help_text=_("留空为一直监测"))

    def draft(self, unit_id: int) -> WatchDraft:
        """Return what the valid form tells."""
        given: dict[str, Any] = self.cleaned_data
        limit = Limit(
            low=given["low"], high=given["high"], allowed_s=given["allowed_min"] * 60, margin=given["margin"] or 0.0
        )
        return WatchDraft(
            unit_id=unit_id, sensor=given["sensor"].strip(), metric=given["metric"], limit=limit, since=given["since"],
            until=given["until"],
        )  # fmt: skip
