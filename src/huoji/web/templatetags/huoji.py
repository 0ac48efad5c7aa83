"""Filters that templates of every app may load: form controls in the house's classes, times, numbers."""

from functools import lru_cache

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from huoji.web.brand import Brand

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


@register.simple_tag(takes_context=True)
def per_brand(context: Context, name: str) -> SafeString:
    """Include a template that depends on the language and the brand alone; it is rendered once for each and kept."""
    if settings.DEBUG:
        return _render(name, context["brand"])
    return _kept(name, get_language(), context["brand"])


@lru_cache(maxsize=64)
def _kept(name: str, language: str | None, brand: Brand) -> SafeString:
    del language  # the active one; it only tells the copies apart
    return _render(name, brand)


def _render(name: str, brand: Brand) -> SafeString:
    return render_to_string(name, {"brand": brand})
