"""Issue, revoke and date API keys."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.refusals import clean, refuse, require
from huoji.apps.accounts.models import ApiKey
from huoji.apps.accounts.queries.actors import KEY_SCHEME, digest_of, forget, scopes_for
from huoji.core.permission import Actor, KeyScope, Permission
from huoji.kit.problem import Problem

PREFIX_BYTES = 4
SECRET_BYTES = 32


@transaction.atomic
def issue_key(
    actor: Actor,
    *,
    name: str,
    principal: str,
    scopes: Iterable[KeyScope],
    source: str = "",
    milestones: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    dataset: str = "",
) -> str:
    """Issue a key and return it raw: this is the only moment anybody sees it."""
    require(actor, Permission.APIKEY_MANAGE)
    asked = frozenset(scopes)
    if beyond := asked - scopes_for(principal):
        code = "role_scope" if principal.startswith("staff:") else "staff_scope"
        raise refuse(code, scopes=sorted(beyond))
    prefix = KEY_SCHEME + secrets.token_hex(PREFIX_BYTES)
    raw_key = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey(
        name=name,
        prefix=prefix,
        digest=digest_of(raw_key),
        principal=principal,
        scopes=sorted(asked),
        source=source,
        milestones=None if milestones is None else sorted(milestones),
        created_by_id=actor.staff_id,
        expires_at=expires_at,
        dataset=dataset,
    )
    clean(key, exclude=["digest", "created_by"])
    key.save()
    record_audit(
        actor,
        verb="key.issue",
        target=f"key:{prefix}",
        changed={"principal": principal, "scopes": sorted(asked), "source": source},
        dataset=dataset,
    )
    return raw_key


@transaction.atomic
def revoke_key(actor: Actor, *, key_id: int, cause: str = "") -> None:
    """Revoke a key: at once in this process, within REMEMBER_S in the others."""
    require(actor, Permission.APIKEY_MANAGE)
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise Problem("not_found", 404)
    if key.revoked_at is not None:
        return
    ApiKey.objects.filter(pk=key_id).update(revoked_at=Now())
    record_audit(actor, verb="key.revoke", target=f"key:{key.prefix}", cause=cause, dataset=key.dataset)
    transaction.on_commit(forget)
    forget()


def touch_key(key_id: int, *, now: datetime) -> None:
    """Note when a key was last used."""
    ApiKey.objects.filter(pk=key_id).update(last_used_at=now)
