"""Times that a person types on the clock before him: a form takes them with the offset of his browser, else of the carrier's zone."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from django import forms
from django.utils.timezone import make_aware

from huoji.kit import clock

OFFSET_MAX_MIN = 14 * 60


class MomentInput(forms.DateTimeInput):
    """A date and time as the browser writes them."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "data-local-time": ""})


class LocalTimeField(forms.DateTimeField):
    """A time of the reader's own clock: naive here, its offset is told beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=MomentInput(), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs
        )

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return found.replace(tzinfo=None) if found else None


class OffsetForm(forms.Form):
    """A form with times in the reader's zone; the script fills in the offset, else it is the carrier's."""

    offset_min = forms.IntegerField(
        required=False,
        min_value=-OFFSET_MAX_MIN,
        max_value=OFFSET_MAX_MIN,
        widget=forms.HiddenInput(attrs={"data-offset": ""}),
    )

    def moment(self, name: str) -> str:
        """Return a time of the form as ISO 8601 with its offset; empty when not given."""
        return moment(self.cleaned_data.get(name), offset_min=self.cleaned_data.get("offset_min"))


def instant(local: datetime | None, *, offset_min: int | None) -> datetime | None:
    """Return a time of somebody's clock as an instant."""
    text = moment(local, offset_min=offset_min)
    return datetime.fromisoformat(text) if text else None


def moment(local: datetime | None, *, offset_min: int | None) -> str:
    """Return a time of somebody's clock as ISO 8601; without his offset it is the carrier's."""
    if local is None:
        return ""
    if offset_min is None:
        carrier = local.replace(tzinfo=clock.reader().zone).utcoffset() or timedelta()
        offset_min = int(carrier.total_seconds() // 60)
    return local.replace(tzinfo=timezone(timedelta(minutes=offset_min))).isoformat()


def midnight(day: date) -> datetime:
    """Return when a day begins in the installation's zone."""
    return make_aware(datetime.combine(day, time.min))


def over(day: date) -> datetime:
    """Return when a day is over in the installation's zone; the last that a calendar has, by which people mean never, as it begins."""
    return midnight(day if day == date.max else day + timedelta(days=1))
