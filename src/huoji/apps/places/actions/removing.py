"""Remove the places of a dataset."""

from django.db import transaction

from huoji.apps.places.actions.refusals import renew_token
from huoji.apps.places.models import Alias, Lane, Site, SiteStaff


@transaction.atomic
def remove_dataset(dataset: str) -> dict[str, int]:
    """Delete every place of a dataset with its aliases, lanes and assignments; return how many rows of each kind."""
    assert dataset, "rows of the carrier himself are no dataset"
    counts: dict[str, int] = {}
    for model in (SiteStaff, Alias, Lane, Site):
        _, each = model.objects.filter(dataset=dataset).delete()
        for label, count in each.items():
            counts[label] = counts.get(label, 0) + count
    renew_token()
    return counts
