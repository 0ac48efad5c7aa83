"""Remove the places of a dataset."""

from django.db import transaction

from huoji.apps.places.actions.refusals import renew_token
from huoji.apps.places.models import Alias, Lane, Site, SiteStaff


@transaction.atomic
def remove_dataset(dataset: str) -> frozenset[int]:
    """Delete every place of a dataset with its aliases, lanes and assignments; return the ids of the sites that were."""
    assert dataset, "rows of the carrier himself are no dataset"
    site_ids = frozenset(Site.objects.filter(dataset=dataset).values_list("pk", flat=True))
    for model in (SiteStaff, Alias, Lane, Site):
        model.objects.filter(dataset=dataset).delete()
    renew_token()
    return site_ids
