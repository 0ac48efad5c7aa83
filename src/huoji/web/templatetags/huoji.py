"""Filters that templates of every app may load: form controls in the house's classes, times, numbers."""

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def is_check(field: BoundField) -> bool:
    """Say whether the field is one box to tick: its label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw a form field's control with Tabler's class for its kind, marked invalid when it has faults."""
    widget = field.field.widget
    match widget:
        case forms.CheckboxInput():
            kind = "form-check-input"
        case forms.Select():
            kind = "form-select"
        case forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return field.as_widget()
        case _:
            kind = "form-control"
    if getattr(widget, "input_type", "") == "color":
        kind += " form-control-color"
    attrs: dict[str, str | bool] = {"class": f"{kind} is-invalid" if field.errors else kind}
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)
