"""What the installation's own people chose on a settings page (the brand, say): one small JSON value a name."""

from typing import Any

from huoji.kit.models import Choice


def get(name: str) -> dict[str, Any]:
    """Return the chosen value, or {} when nobody chose yet."""
    row = Choice.objects.filter(name=name).values_list("value", flat=True).first()
    return dict(row) if row else {}


def put(name: str, value: dict[str, Any]) -> None:
    """Keep the value; call it in the transaction of the action that also writes the audit."""
    Choice.objects.update_or_create(name=name, defaults={"value": value})
