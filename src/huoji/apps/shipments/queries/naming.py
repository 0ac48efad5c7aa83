"""What a number on a package names: a waybill by its own number or a reference of it, or one piece of a waybill."""

from collections.abc import Collection
from dataclasses import dataclass

from huoji.apps.shipments.models import Reference, Unit

PACKAGE_REFERENCES = (Reference.Kind.CUSTOMER, Reference.Kind.CARRIER, Reference.Kind.SOURCE)  # that stand on a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A waybill, or the piece of it with this label."""

    unit_id: int
    number: str
    dataset: str
    piece: str = ""

    @property
    def text(self) -> str:
        """The number in full: that of the waybill, and the piece behind a slash."""
        return f"{self.number}/{self.piece}" if self.piece else self.number


def named(numbers: Collection[str]) -> dict[str, Named]:
    """Return what normalised numbers name; unknown ones are left out. Of several waybills under a reference the newest."""
    wanted = set(numbers)
    found = _waybills(wanted)
    cut = {text: text.rpartition("/") for text in wanted - found.keys() if "/" in text}
    heads = _waybills({head for head, _, label in cut.values() if head and label})
    for text, (head, _, label) in cut.items():
        if label and (waybill := heads.get(head)):
            found[text] = Named(
                unit_id=waybill.unit_id, number=waybill.number, dataset=waybill.dataset, piece=label
            )  # fmt: skip
    return found


def _waybills(numbers: Collection[str]) -> dict[str, Named]:
    if not numbers:
        return {}
    rows = Reference.objects.filter(
        value__in=numbers, kind__in=PACKAGE_REFERENCES, left_at=None, unit__kind=Unit.Kind.WAYBILL, unit__voided_at=None
    ).order_by("unit_id")
    found = {row.value: _named(row.unit) for row in rows.select_related("unit")}
    own = Unit.objects.filter(kind=Unit.Kind.WAYBILL, number__in=numbers, voided_at=None)
    return found | {unit.number: _named(unit) for unit in own}


def _named(unit: Unit) -> Named:
    return Named(unit_id=unit.pk, number=unit.number, dataset=unit.dataset)
