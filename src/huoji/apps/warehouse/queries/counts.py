"""Count sheets: what was expected in an area, what was found, and what that says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count as Tally

from huoji.apps.warehouse.models import Count, CountLine, Goods, Location, Movement, Stay
from huoji.apps.warehouse.queries.ledger import shelves_of
from huoji.apps.warehouse.queries.scope import at_visible_sites
from huoji.core.permission import Actor
from huoji.core.storage import DiscrepancyKind, Effect, Line, Verb, judge

NO_SHELF = 0
SHEETS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """One number on a sheet, with what the rules need of it."""

    goods_id: int
    line: Line


def lines_of(count: Count) -> list[CountedLine]:
    """Return every number that the sheet expects or that was scanned for it, in the order of the numbers."""
    expected = {row.goods_id: row.location_id for row in CountLine.objects.filter(counting=count)}
    scans = _standing_scans(count)
    ids = sorted(expected.keys() | scans.keys())
    now = {
        stay.goods_id: stay
        for stay in Stay.objects.filter(goods_id__in=ids, until=None).select_related("location")
    }  # fmt: skip
    touched = _touched(count, ids)
    return [
        CountedLine(goods_id=each, line=_line(count, each, expected, scans, now.get(each), moved=each in touched))
        for each in ids
    ]  # fmt: skip


def _line(
    count: Count, goods_id: int, expected: dict[int, int | None], scans: dict[int, int | None], stay: Stay | None,
    *, moved: bool,
) -> Line:  # fmt: skip
    here = stay is not None and stay.site_id == count.site_id
    area = stay.location.area if stay and stay.location else ""
    inside = here and area == count.area
    return Line(
        booked=(expected[goods_id] or NO_SHELF) if goods_id in expected else None,
        now=((stay.location_id or NO_SHELF) if stay and inside else None),
        found=scans.get(goods_id), is_found=goods_id in scans, elsewhere=here and not inside, moved=moved,
    )  # fmt: skip


def _standing_scans(count: Count) -> dict[int, int | None]:
    """Return where each number was found last; a scan that was taken back does not count."""
    rows = list(Movement.objects.filter(count=count, verb=Verb.COUNT.value).order_by("at", "id"))
    standing = {
        move.id for each in shelves_of({row.goods_id for row in rows}).values() for move, _ in each.effects
    }  # fmt: skip
    return {row.goods_id: row.location_id for row in rows if row.id in standing}


def _touched(count: Count, goods_ids: Sequence[int]) -> set[int]:
    """Return the goods that came, left or changed their shelf while the count went on."""
    return {
        goods_id
        for goods_id, shelf in shelves_of(goods_ids).items()
        for move, effect in shelf.effects
        if effect is not Effect.NOTHING
        and move.at > count.opened_at
        and (count.closed_at is None or move.at <= count.closed_at)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One number on a sheet, as a person reads it."""

    number: str
    booked: str
    found: str
    is_expected: bool
    is_found: bool
    verdict: DiscrepancyKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A count sheet; `area` is empty for goods on no shelf."""

    id: int
    site_id: int
    area: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    expected: int
    found: int
    rows: list[SheetLine]


def open_counts(site_ids: Sequence[int]) -> list[Sheet]:
    """Return the sheets on which scans can be taken, without their lines."""
    rows = Count.objects.filter(site_id__in=site_ids, closed_at=None).order_by("-id")[:SHEETS_MAX]
    return [_sheet(row, []) for row in rows]


def sheets(actor: Actor) -> list[Sheet]:
    """Return the latest sheets of the actor's sites, without their lines."""
    rows = Count.objects.filter(at_visible_sites(actor)).order_by("-id")[:SHEETS_MAX]
    found = dict(
        Movement.objects.filter(count__in=[row.pk for row in rows])
        .values_list("count_id")
        .annotate(n=Tally("goods_id", distinct=True))
        .values_list("count_id", "n")
    )
    expected = dict(
        CountLine.objects.filter(counting__in=[row.pk for row in rows])
        .values_list("counting_id")
        .annotate(n=Tally("id"))
        .values_list("counting_id", "n")
    )
    return [_sheet(row, [], expected=expected.get(row.pk, 0), found=found.get(row.pk, 0)) for row in rows]


def sheet_of(actor: Actor, count_id: int) -> Sheet | None:
    """Return one sheet with its lines: first what differs, then by number."""
    row = Count.objects.filter(at_visible_sites(actor), pk=count_id).first()
    if row is None:
        return None
    counted = lines_of(row)
    numbers = dict(Goods.objects.filter(pk__in=[each.goods_id for each in counted]).values_list("pk", "number"))
    shelf_ids = {shelf for each in counted for shelf in (each.line.booked, each.line.now, each.line.found) if shelf}
    shelves = dict(Location.objects.filter(pk__in=shelf_ids).values_list("pk", "code"))
    lines = [
        SheetLine(
            number=numbers[each.goods_id], booked=shelves.get(each.line.booked or each.line.now or 0, ""),
            found=shelves.get(each.line.found or 0, ""), is_expected=each.line.booked is not None,
            is_found=each.line.is_found, verdict=judge(each.line) if row.closed_at or each.line.is_found else None,
        )
        for each in counted
    ]  # fmt: skip
    lines.sort(key=lambda line: (line.verdict is None, line.is_found, line.number))
    return _sheet(
        row, lines, expected=sum(line.is_expected for line in lines), found=sum(line.is_found for line in lines)
    )  # fmt: skip


def _sheet(row: Count, lines: list[SheetLine], *, expected: int = 0, found: int = 0) -> Sheet:
    return Sheet(
        id=row.pk, site_id=row.site_id, area=row.area, opened_at=row.opened_at, opened_by=row.opened_by,
        closed_at=row.closed_at, closed_by=row.closed_by, expected=expected, found=found, rows=lines,
    )  # fmt: skip
