"""The form by which somebody takes alarms up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from huoji.apps.fleet.actions.acknowledging import NOTE_LENGTH_MAX


class AcknowledgeForm(forms.Form):
    """What one says on taking an alarm up, and whether the others of the same terminal go with it."""

    note = forms.CharField(
        label=_("说明"), max_length=NOTE_LENGTH_MAX, required=False, help_text=_("例如怎样处理；会记入审计。")
    )
    with_others = forms.BooleanField(required=False)

    def __init__(self, *args: Any, others: int, **more: Any) -> None:
        super().__init__(*args, **more)
        if others:
            label = ngettext("同一终端的其他 {n} 条报警也一并受理", "同一终端的其他 {n} 条报警也一并受理", others)
            self.fields["with_others"].label = label.format(n=others)
        else:
            self.fields.pop("with_others")
