"""Write the audit: who did or read what, and why."""

from collections.abc import Mapping
from typing import Any

from huoji.apps.accounts.models import AuditRow
from huoji.core.permission import Actor

PERSONAL = frozenset({"name", "phone", "email", "address", "contact", "password"})
"""Fields whose values never enter the audit; that they changed does."""

HIDDEN = "***"
CAUSE_LENGTH_MAX = 500


def record_audit(
    actor: Actor,
    *,
    verb: str,
    target: str,
    cause: str = "",
    changed: Mapping[str, Any] | None = None,
    dataset: str = "",
) -> None:
    """Add one row to the audit, in the transaction of what it tells of; personal data are hidden."""
    AuditRow.objects.create(
        actor=actor.principal,
        verb=verb,
        target=target,
        cause=cause[:CAUSE_LENGTH_MAX],
        changed={field: HIDDEN if field in PERSONAL else value for field, value in (changed or {}).items()},
        request_id=actor.request_id,
        dataset=dataset or actor.dataset,
    )
