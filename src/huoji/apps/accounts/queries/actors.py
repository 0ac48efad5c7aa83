"""Who acts: from a signed-in member of staff or an API key to the Actor that rules understand."""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from huoji.apps.accounts.models import ApiKey, Role, Staff
from huoji.core.permission import (
    ANONYMOUS,
    STAFF_KEY_SCOPES,
    Actor,
    KeyScope,
    Permission,
    Scope,
    permissions_of_scopes,
    usable_scopes,
)
from huoji.core.role import EVERY_ROLE, Grant, RoleFacts, combine, grants

REMEMBER_S = 3.0  # how long a revoked key may live on in another process
REMEMBERED_KEYS_MAX = 10_000
TOUCH_S = 60.0  # "last used" is true to the minute

NAMES_FRESH_S = 60.0  # how long another process may call somebody by the name he had
NAMES_MAX = 10_000

KEY_SCHEME = "hj_"
KEY_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """An API key that was found, with the actor it stands for."""

    actor: Actor
    expires_at: datetime | None
    last_used_at: datetime | None
    read_at_s: float


_holders: dict[bytes, KeyHolder] = {}
_names: dict[str, tuple[str, float]] = {}
_grants: tuple[float, dict[str, Grant]] | None = None


def name_of(principal: str) -> str:
    """Return the name of a member of staff by his principal, remembered until staff change; "" for whoever is none."""
    kind, _, number = principal.partition(":")
    if kind != "staff":
        return ""
    name, read_at_s = _names.get(number, ("", 0.0))
    if not name or time.monotonic() - read_at_s > NAMES_FRESH_S:
        name = Staff.objects.filter(staff_number=number).values_list("name", flat=True).first() or ""
        if len(_names) >= NAMES_MAX:
            _names.clear()
        _names[number] = (name, time.monotonic())
    return name


def forget() -> None:
    """Forget what this process remembers of roles and keys; called after every change and between tests."""
    global _grants  # noqa: PLW0603 - a cache of the process
    _grants = None
    _holders.clear()
    _names.clear()


def role_facts(role: Role) -> RoleFacts:
    """Return a role row as the rules see it; an atom that the code no longer knows gives nothing."""
    known = {atom.value for atom in Permission}
    return RoleFacts(
        code=role.code,
        superior=role.superior_id or "",
        scope=Scope(role.scope),
        permissions=EVERY_ROLE | {Permission(text) for text in role.permissions if text in known},
    )


def role_grants() -> dict[str, Grant]:
    """Return what each role gives, remembered for a few seconds."""
    global _grants  # noqa: PLW0603 - a cache of the process
    now_s = time.monotonic()
    if _grants is None or now_s - _grants[0] > REMEMBER_S:
        _grants = (now_s, dict(grants(role_facts(role) for role in Role.objects.all())))
    return _grants[1]


def actor_for_user(user_id: int) -> Actor:
    """Return the actor for a signed-in member of staff, in one read; one who has left is nobody."""
    return _actor_of(Staff.objects.filter(pk=user_id, is_active=True))


def actor_for_number(staff_number: str) -> Actor:
    """Return the actor for a staff number, as a key of staff names its holder."""
    return _actor_of(Staff.objects.filter(staff_number=staff_number, is_active=True))


def scopes_for(principal: str) -> frozenset[KeyScope]:
    """Return the scopes that a key of this principal has a use for: what the roles of staff allow, or what parties may."""
    kind, _, number = principal.partition(":")
    if kind == "staff":
        return usable_scopes(actor_for_number(number).permissions)
    return frozenset(KeyScope) - STAFF_KEY_SCOPES


def _actor_of(one: QuerySet[Staff]) -> Actor:
    held = list(one.values_list("pk", "staff_number", "name", "dataset", "assignments__role_id"))
    if not held:
        return ANONYMOUS
    staff_id, number, name, dataset, _ = held[0]
    grant = combine((role for *_, role in held), of=role_grants())  # no role: None, which gives nothing
    return Actor(
        principal=f"staff:{number}",
        scope=grant.scope,
        permissions=grant.permissions,
        staff_id=staff_id,
        name=name,
        dataset=dataset,
    )


def digest_of(raw_key: str) -> bytes:
    """Return what we keep of a key; it holds 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(raw_key.encode()).digest()


def actor_for_key(raw_key: str) -> Actor | None:
    """Return the actor a raw key stands for, or None when it is unknown, revoked or expired.

    One indexed read (one more for a key of staff), remembered for REMEMBER_S.
    """
    holder = holder_of_key(raw_key)
    return holder.actor if holder else None


def holder_of_key(raw_key: str) -> KeyHolder | None:
    """Return the key's holder with what is needed to keep its "last used" true."""
    if not raw_key.startswith(KEY_SCHEME) or len(raw_key) > KEY_LENGTH_MAX:
        return None
    digest = digest_of(raw_key)
    holder = _holders.get(digest)
    if holder is None or time.monotonic() - holder.read_at_s > REMEMBER_S:
        holder = _read_holder(digest)
        if holder is None:
            _holders.pop(digest, None)
            return None
        if len(_holders) >= REMEMBERED_KEYS_MAX:
            _holders.clear()
        _holders[digest] = holder
    if holder.expires_at is not None and holder.expires_at <= datetime.now(UTC):
        return None
    return holder


def needs_touch(holder: KeyHolder, *, now: datetime) -> bool:
    """Tell whether the key's "last used" is older than TOUCH_S."""
    return holder.last_used_at is None or (now - holder.last_used_at).total_seconds() > TOUCH_S


def note_touched(raw_key: str, *, now: datetime) -> None:
    """Remember that the key's "last used" was just written."""
    digest = digest_of(raw_key)
    if holder := _holders.get(digest):
        _holders[digest] = replace(holder, last_used_at=now)


def _read_holder(digest: bytes) -> KeyHolder | None:
    key = ApiKey.objects.filter(Q(digest=digest), revoked_at=None).first()
    if key is None:
        return None
    actor = _actor_of_key(key)
    if actor is None:
        return None
    return KeyHolder(actor=actor, expires_at=key.expires_at, last_used_at=key.last_used_at, read_at_s=time.monotonic())


def _actor_of_key(key: ApiKey) -> Actor | None:
    known = {scope.value for scope in KeyScope}
    asked = permissions_of_scopes(KeyScope(text) for text in key.scopes if text in known)
    kind, _, holder = key.principal.partition(":")
    if kind == "staff":
        owner = actor_for_number(holder)
        if owner == ANONYMOUS:
            return None
        return replace(owner, permissions=owner.permissions & asked, key_id=key.pk, source=key.source)
    return Actor(
        principal=key.principal,
        scope=Scope.PARTY,
        permissions=asked,
        party_id=int(holder),
        key_id=key.pk,
        milestones=None if key.milestones is None else frozenset(key.milestones),
        source=key.source,
        name=key.name,
        dataset=key.dataset,
    )
