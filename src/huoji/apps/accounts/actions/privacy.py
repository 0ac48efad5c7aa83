"""Guard the looks that staff take at personal data: each needs a permission, leaves a row, is limited, and too many raise an alarm."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.refusals import refuse, require
from huoji.apps.accounts.models import AuditRow
from huoji.core.permission import Actor, Permission
from huoji.kit.problem import Problem, declare

logger = logging.getLogger("huoji.privacy")

HOUR = timedelta(hours=1)
ALARM = "party.alarm"

declare("cause_needed", status=422, title=_("请填写原因，它会记入审计"))
declare("too_many_looks", status=429, title=_("一小时内查看个人信息过多，已记录并告警"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One way of looking at personal data, and how often an hour a member of staff may."""

    verb: str
    permission: Permission
    per_hour: int


UNMASK = Look(verb="party.unmask", permission=Permission.PARTY_UNMASK, per_hour=60)
SEARCH = Look(verb="party.search", permission=Permission.PARTY_SEARCH, per_hour=120)


def note_unmask(actor: Actor, *, target: str, cause: str) -> None:
    """Note that the actor sees somebody's data in full, and why; refuse when he may not or has seen too many.

    Call it before reading, outside a transaction of one's own: the alarm must outlive the refusal.
    """
    require(actor, UNMASK.permission)
    if not cause.strip():
        raise refuse("cause_needed")
    _note(actor, UNMASK, target=target, cause=cause.strip(), changed={})


def note_search(actor: Actor, *, by: str) -> None:
    """Note that the actor looks a person up by name or phone; what he typed is not kept. Call it like `note_unmask`."""
    require(actor, SEARCH.permission)
    _note(actor, SEARCH, target="party", cause="", changed={"by": by})


def _note(actor: Actor, look: Look, *, target: str, cause: str, changed: Mapping[str, Any]) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:  # one at a time for each actor, so that the count is true
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [actor.principal + look.verb])
        recent = AuditRow.objects.filter(actor=actor.principal, at__gt=Now() - HOUR)
        refused = recent.filter(verb=look.verb).count() >= look.per_hour
        if not refused:
            record_audit(actor, verb=look.verb, target=target, cause=cause, changed=changed)
        elif not recent.filter(verb=ALARM, target=look.verb).exists():
            record_audit(actor, verb=ALARM, target=look.verb, changed={"per_hour": look.per_hour})
            logger.warning("too many looks at personal data", extra={"principal": actor.principal, "look": look.verb})
    if refused:
        raise Problem("too_many_looks", 429, _("一小时内查看个人信息过多，已记录并告警"), retry_after_s=3600)
