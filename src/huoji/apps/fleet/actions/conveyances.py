"""Put vehicles and vessels into the register, change what is known of them, and take them out of use."""

from dataclasses import dataclass

from django.db import transaction

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions.refusals import refuse
from huoji.apps.fleet.models import Conveyance, Terminal
from huoji.apps.fleet.queries import conveyances
from huoji.core import conveyance as rules
from huoji.core.conveyance import Doubt
from huoji.core.fleet import ConveyanceKind
from huoji.core.permission import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class ConveyanceDraft:
    """What is known of a vehicle or a vessel, as it was typed."""

    kind: ConveyanceKind
    plate: str = ""
    plate_colour: int | None = None
    name: str = ""
    name_en: str = ""
    imo: str = ""
    mmsi: str = ""
    call_sign: str = ""
    active: bool = True

    def doubts(self) -> list[Doubt]:
        """Return what looks wrong with its numbers; they are kept nevertheless."""
        return rules.doubts(plate=rules.plate(self.plate), imo=rules.digits(self.imo), mmsi=rules.digits(self.mmsi))


@transaction.atomic
def create_conveyance(actor: Actor, draft: ConveyanceDraft, *, dataset: str = "") -> int:
    """Add a vehicle or a vessel and return its id."""
    accounts.require(actor, Permission.FLEET_MANAGE)
    row = Conveyance(kind=draft.kind.value, dataset=dataset or actor.dataset)
    _fill(row, draft)
    _note(actor, row, "conveyance.create")
    return row.pk


@transaction.atomic
def edit_conveyance(actor: Actor, *, conveyance_id: int, draft: ConveyanceDraft) -> None:
    """Change what is known of a conveyance; what it is stays, and what still carries a terminal stays in use."""
    accounts.require(actor, Permission.FLEET_MANAGE)
    conveyances.get(actor, conveyance_id=conveyance_id)
    row = Conveyance.objects.select_for_update().get(pk=conveyance_id)
    if not draft.active and Terminal.objects.filter(conveyance=row).exists():
        raise refuse("conveyance_fitted")
    _fill(row, draft)
    _note(actor, row, "conveyance.edit")


def _fill(row: Conveyance, draft: ConveyanceDraft) -> None:
    is_vehicle = row.kind == ConveyanceKind.VEHICLE
    row.plate = rules.plate(draft.plate) if is_vehicle else ""
    row.plate_colour = draft.plate_colour if is_vehicle else None
    row.imo = "" if is_vehicle else rules.digits(draft.imo)
    row.mmsi = "" if is_vehicle else rules.digits(draft.mmsi)
    row.call_sign = "" if is_vehicle else draft.call_sign.strip().upper()
    row.name, row.name_en, row.active = draft.name.strip(), draft.name_en.strip(), draft.active
    if not (row.plate or row.imo or row.mmsi):
        raise refuse("conveyance_unnamed")
    for field, code in (("plate", "plate_taken"), ("imo", "imo_taken"), ("mmsi", "mmsi_taken")):
        value = getattr(row, field)
        if value and Conveyance.objects.filter(**{field: value}).exclude(pk=row.pk).exists():
            raise refuse(code)
    accounts.clean(row, exclude=["plate_colour"])
    row.save()


def _note(actor: Actor, row: Conveyance, verb: str) -> None:
    changed = {
        field: getattr(row, field) for field in ("kind", "plate", "imo", "mmsi", "active") if getattr(row, field) != ""
    }
    accounts.record_audit(actor, verb=verb, target=f"conveyance:{row.pk}", changed=changed, dataset=row.dataset)
