"""What may be done to places."""

from huoji.apps.places.actions.loading import LaneDraft, load_places
from huoji.apps.places.actions.removing import remove_dataset
from huoji.apps.places.actions.sites import (
    add_alias,
    assign_staff,
    create_site,
    edit_site,
    put_lane,
    put_site,
    remove_alias,
    remove_lane,
    withdraw_staff,
)

__all__ = [
    "LaneDraft",
    "add_alias",
    "assign_staff",
    "create_site",
    "edit_site",
    "load_places",
    "put_lane",
    "put_site",
    "remove_alias",
    "remove_dataset",
    "remove_lane",
    "withdraw_staff",
]
