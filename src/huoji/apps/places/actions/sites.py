"""Create and edit sites, say which texts mean them, who works there, and which lanes join them."""

from dataclasses import asdict
from typing import Any

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.accounts.queries import actor_for_number
from huoji.apps.places.actions.refusals import checked, refuse, renew_token
from huoji.apps.places.models import Alias, Lane, Site, SiteStaff
from huoji.core.milestone import Mode
from huoji.core.permission import Actor, Permission
from huoji.core.place import ALIAS_LENGTH_MAX, SiteDraft, place_key
from huoji.kit.problem import of_status


@transaction.atomic
def create_site(actor: Actor, draft: SiteDraft, *, dataset: str = "") -> int:
    """Add a site and return its id."""
    require(actor, Permission.PLACE_MANAGE)
    checked(draft)
    if Site.objects.filter(code=draft.code).exists():
        raise refuse("site_taken")
    site = Site.objects.create(**columns(draft), dataset=dataset)
    renew_token()
    record_audit(
        actor, verb="site.create", target=f"site:{draft.code}", changed={"kind": draft.kind.value}, dataset=dataset
    )
    return site.pk


@transaction.atomic
def edit_site(actor: Actor, draft: SiteDraft) -> int:
    """Change what is known of the site with the draft's code and return its id; its code stays for ever."""
    require(actor, Permission.PLACE_MANAGE)
    checked(draft)
    site = Site.objects.select_for_update().filter(code=draft.code).first()
    if site is None:
        raise of_status(404)
    changed = {field: value for field, value in columns(draft).items() if getattr(site, field) != value}
    if changed:
        Site.objects.filter(pk=site.pk).update(**changed)
        renew_token()
        told = {"title" if field == "name" else field: value for field, value in changed.items()}
        record_audit(actor, verb="site.edit", target=f"site:{draft.code}", changed=told, dataset=site.dataset)
    return site.pk


@transaction.atomic
def put_site(actor: Actor, draft: SiteDraft) -> tuple[int, bool]:
    """Create the site or bring it in line with the draft; return its id and whether it is new."""
    require(actor, Permission.PLACE_MANAGE)
    if Site.objects.filter(code=draft.code).exists():
        return edit_site(actor, draft), False
    return create_site(actor, draft), True


def columns(draft: SiteDraft) -> dict[str, Any]:
    return asdict(draft) | {"kind": draft.kind.value}


@transaction.atomic
def add_alias(actor: Actor, *, site_id: int, text: str) -> None:
    """Let a text mean a site from now on; events that are already told keep their text."""
    require(actor, Permission.PLACE_MANAGE)
    key = place_key(text)
    if not key or len(text) > ALIAS_LENGTH_MAX or len(key) > ALIAS_LENGTH_MAX:
        raise refuse("invalid_alias")
    site = _locked(site_id)
    other = Alias.objects.filter(key=key).select_related("site").first()
    if other is not None and other.site_id == site.pk:
        return
    if other is not None or place_key(site.code) == key or _is_code(key):
        raise refuse("alias_taken", site=other.site.code if other else "")
    Alias.objects.create(site=site, text=text.strip(), key=key, dataset=site.dataset)
    renew_token()
    record_audit(
        actor, verb="site.alias", target=f"site:{site.code}", changed={"text": text.strip()}, dataset=site.dataset
    )


def _is_code(key: str) -> bool:
    return any(place_key(code) == key for code in Site.objects.values_list("code", flat=True))


@transaction.atomic
def remove_alias(actor: Actor, *, site_id: int, alias_id: int) -> None:
    """Let a text mean nothing again."""
    require(actor, Permission.PLACE_MANAGE)
    alias = Alias.objects.select_related("site").filter(pk=alias_id, site_id=site_id).first()
    if alias is None:
        return
    alias.delete()
    renew_token()
    record_audit(
        actor,
        verb="site.unalias",
        target=f"site:{alias.site.code}",
        changed={"text": alias.text},
        dataset=alias.dataset,
    )


@transaction.atomic
def assign_staff(actor: Actor, *, site_id: int, staff_number: str) -> None:
    """Let a member of staff work at a site; doing it twice is doing it once."""
    require(actor, Permission.PLACE_MANAGE)
    site = _locked(site_id)
    staff_id = actor_for_number(staff_number.strip().upper()).staff_id
    if staff_id is None:
        raise refuse("unknown_staff")
    _, created = SiteStaff.objects.get_or_create(staff_id=staff_id, site=site, defaults={"dataset": site.dataset})
    if created:
        renew_token()
        record_audit(
            actor, verb="site.assign", target=f"site:{site.code}", changed={"staff": staff_number}, dataset=site.dataset
        )


@transaction.atomic
def withdraw_staff(actor: Actor, *, site_id: int, assignment_id: int) -> None:
    """Take a member of staff away from a site."""
    require(actor, Permission.PLACE_MANAGE)
    held = SiteStaff.objects.select_related("site").filter(pk=assignment_id, site_id=site_id).first()
    if held is None:
        return
    held.delete()
    renew_token()
    record_audit(
        actor,
        verb="site.withdraw",
        target=f"site:{held.site.code}",
        changed={"staff_id": held.staff_id},
        dataset=held.dataset,
    )


@transaction.atomic
def put_lane(
    actor: Actor, *, origin_id: int, destination_id: int, mode: Mode, planned_min: int, distance_km: int | None
) -> None:
    """Say how long the way between two sites takes by one mode."""
    require(actor, Permission.PLACE_MANAGE)
    if origin_id == destination_id or planned_min <= 0 or (distance_km is not None and distance_km <= 0):
        raise refuse("invalid_lane")
    origin, destination = _locked(origin_id), _locked(destination_id)
    values = {"planned_min": planned_min, "distance_km": distance_km}
    Lane.objects.update_or_create(
        origin=origin,
        destination=destination,
        mode=mode.value,
        defaults=values,
        create_defaults=values | {"dataset": origin.dataset},
    )
    target = f"lane:{origin.code}-{destination.code}"
    record_audit(actor, verb="lane.put", target=target, changed={"mode": mode.value, **values}, dataset=origin.dataset)


@transaction.atomic
def remove_lane(actor: Actor, *, site_id: int, lane_id: int) -> None:
    """Remove a lane that begins at this site."""
    require(actor, Permission.PLACE_MANAGE)
    lane = Lane.objects.select_related("origin", "destination").filter(pk=lane_id, origin_id=site_id).first()
    if lane is None:
        return
    lane.delete()
    target = f"lane:{lane.origin.code}-{lane.destination.code}"
    record_audit(actor, verb="lane.remove", target=target, changed={"mode": lane.mode}, dataset=lane.dataset)


def _locked(site_id: int) -> Site:
    site = Site.objects.select_for_update().filter(pk=site_id).first()
    if site is None:
        raise of_status(404)
    return site
