"""The forms of exceptions: filter the worklist, take one up, say its cause, clear it."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from huoji.apps.shipments.queries.exceptions import Asked
from huoji.core import wording
from huoji.core.exception import CauseCode, ExceptionKind, ExceptionState
from huoji.core.milestone import Line
from huoji.kit import clock

NOTE_MAX = 500
OVER = "all"


def _said(word: Any) -> Any:
    """Say one of our words when the page is drawn, in the reader's language."""
    return lazy(lambda: wording.label(word, lang=clock.language()), str)()


CAUSES = [("", _("未登记")), *((code.value, _said(code)) for code in CauseCode)]


class ExceptionFilterForm(forms.Form):
    """Which exceptions to list."""

    kind = forms.ChoiceField(
        label=_("类型"), required=False, choices=[("", _("全部")), *((x.value, _said(x)) for x in ExceptionKind)]
    )
    state = forms.ChoiceField(
        label=_("状态"), required=False,
        choices=[("", _("未解除")), *((x.value, _said(x)) for x in ExceptionState), (OVER, _("全部"))],
    )  # fmt: skip
    line = forms.ChoiceField(
        label=_("业务类型"), required=False, choices=[("", _("全部")), *((x.value, _said(x)) for x in Line)]
    )

    mine = forms.BooleanField(label=_("我受理的"), required=False)

    def asked(self) -> Asked:
        """Return what the valid form asks for."""
        given = self.cleaned_data
        state = given["state"]
        return Asked(
            kind=ExceptionKind(given["kind"]) if given["kind"] else None,
            state=ExceptionState(state) if state and state != OVER else None,
            line=Line(given["line"]) if given["line"] else None, is_over=state == OVER,
            is_mine=given["mine"],
        )  # fmt: skip


class NoteForm(forms.Form):
    """What the one who takes it up wants to say."""

    note = forms.CharField(label=_("说明"), required=False, max_length=NOTE_MAX)


class ExceptionCauseForm(forms.Form):
    """Why it came."""

    cause = forms.TypedChoiceField(label=_("异常原因"), choices=CAUSES, coerce=CauseCode)
    note = forms.CharField(label=_("说明"), required=False, max_length=NOTE_MAX)


class ClearForm(forms.Form):
    """What ended it; the cause may be said in the same go."""

    cause = forms.TypedChoiceField(
        label=_("异常原因"), choices=CAUSES, coerce=CauseCode, required=False, empty_value=None
    )
    note = forms.CharField(label=_("处理结果"), required=False, max_length=NOTE_MAX)
