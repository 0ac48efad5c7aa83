"""The form by which a dispatcher plans a run."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.shipments.actions.running import KINDS, NUMBER_MAX, RunTold, StopTold
from huoji.core.run import CORRIDOR_M_MAX, CORRIDOR_M_MIN

STOP_ROWS = 6
KIND_WORDS = (_("车次"), _("航次"))
WHEN_FORMAT = "%Y-%m-%dT%H:%M"


class WhenField(forms.DateTimeField):
    """A moment by the clock of the carrier's zone."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN_FORMAT)
        super().__init__(widget=widget, input_formats=[WHEN_FORMAT], **more)


class RunForm(forms.Form):
    """A trip or voyage: what carries it, when it begins, where it stops."""

    kind = forms.ChoiceField(label=_("类型"), choices=list(zip(KINDS, KIND_WORDS, strict=True)))
    number = forms.CharField(label=_("车次或航次号"), max_length=NUMBER_MAX, help_text=_("与装车装船时所报的一致"))
    conveyance = forms.CharField(label=_("运输工具"), max_length=80, help_text=_("车牌、船名、IMO 或 MMSI"))
    starts_at = WhenField(label=_("开始时间"))
    corridor_m = forms.IntegerField(
        label=_("走廊宽度（米）"), required=False, min_value=CORRIDOR_M_MIN, max_value=CORRIDOR_M_MAX,
        help_text=_("偏离路线多远算偏航；留空则按站点连线自动取宽"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(STOP_ROWS):
            self.fields[f"place_{row}"] = forms.CharField(label=_("站点"), required=False, max_length=120)
            self.fields[f"arrives_{row}"] = WhenField(label=_("计划到达"), required=False)
            self.fields[f"departs_{row}"] = WhenField(label=_("计划离开"), required=False)
            self.fields[f"place_{row}"].widget.attrs["list"] = "places"

    def heads(self) -> Iterator[forms.BoundField]:
        """Yield the fields before the stops."""
        return (self[name] for name in ("kind", "number", "conveyance", "starts_at", "corridor_m"))

    def stops(self) -> Iterator[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Yield the rows of stops."""
        for row in range(STOP_ROWS):
            yield self[f"place_{row}"], self[f"arrives_{row}"], self[f"departs_{row}"]

    def told(self) -> RunTold:
        """Return what the valid form tells."""
        given = self.cleaned_data
        stops = tuple(
            StopTold(place=place, arrives_at=given[f"arrives_{row}"], departs_at=given[f"departs_{row}"])
            for row in range(STOP_ROWS)
            if (place := given[f"place_{row}"])
        )
        return RunTold(
            kind=given["kind"], number=given["number"], conveyance=given["conveyance"], starts_at=given["starts_at"],
            stops=stops, corridor_m=given["corridor_m"] or 0,
        )  # fmt: skip
