"""The forms of the dispatch map: ask, tell, replay."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.fleet.forms.commands import REASON_LENGTH_MAX, TEXT_LENGTH_MAX
from huoji.kit.localtime import LocalTimeField, OffsetForm, instant


class LocateForm(forms.Form):
    """Why the terminal is asked for its position."""

    reason = forms.CharField(label=_("原因"), max_length=REASON_LENGTH_MAX)


class SayForm(forms.Form):
    """What to tell the driver, and why."""

    text = forms.CharField(label=_("文本"), max_length=TEXT_LENGTH_MAX)
    reason = forms.CharField(label=_("原因"), max_length=REASON_LENGTH_MAX)


class ReplayForm(OffsetForm):
    """Which part of a track to see, and what for."""

    since = LocalTimeField(label=_("从"))
    until = LocalTimeField(label=_("到"))
    purpose = forms.CharField(label=_("用途"), max_length=REASON_LENGTH_MAX, help_text=_("会记入审计。"))

    def moments(self) -> tuple[datetime, datetime]:
        """Return the two moments that the valid form says."""
        given = self.cleaned_data
        ends = [instant(given[name], offset_min=given["offset_min"]) for name in ("since", "until")]
        assert ends[0] is not None
        assert ends[1] is not None
        return ends[0], ends[1]
