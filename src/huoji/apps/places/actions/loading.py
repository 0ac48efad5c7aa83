"""Load many sites and lanes at once, as the demonstration and a first installation do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.places.actions.refusals import checked, renew_token
from huoji.apps.places.actions.sites import columns
from huoji.apps.places.models import Alias, Lane, Site
from huoji.core.milestone import Mode
from huoji.core.permission import Actor, Permission
from huoji.core.place import SiteDraft, place_key


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneDraft:
    """A way between two sites, named by their codes."""

    origin: str
    destination: str
    mode: Mode
    planned_min: int
    distance_km: int | None = None


@transaction.atomic
def load_places(
    actor: Actor,
    *,
    sites: Sequence[SiteDraft],
    aliases: Mapping[str, str],
    lanes: Sequence[LaneDraft],
    dataset: str,
) -> dict[str, int]:
    """Add sites, aliases (text to code) and lanes that are not there yet; return the ids of all named sites by code."""
    require(actor, Permission.PLACE_MANAGE)
    rows = [Site(**columns(checked(draft)), dataset=dataset) for draft in sites]
    Site.objects.bulk_create(rows, ignore_conflicts=True)
    ids = dict(Site.objects.filter(code__in=[draft.code for draft in sites]).values_list("code", "pk"))
    texts = {place_key(text): (text, code) for text, code in aliases.items() if place_key(text)}
    Alias.objects.bulk_create(
        [Alias(site_id=ids[code], text=text, key=key, dataset=dataset) for key, (text, code) in texts.items()],
        ignore_conflicts=True,
    )
    Lane.objects.bulk_create(
        [
            Lane(
                origin_id=ids[lane.origin],
                destination_id=ids[lane.destination],
                mode=lane.mode.value,
                planned_min=lane.planned_min,
                distance_km=lane.distance_km,
                dataset=dataset,
            )
            for lane in lanes
        ],
        ignore_conflicts=True,
    )
    renew_token()
    counts = {"sites": len(sites), "aliases": len(texts), "lanes": len(lanes)}
    record_audit(actor, verb="site.load", target="sites", changed=counts, dataset=dataset)
    return ids
