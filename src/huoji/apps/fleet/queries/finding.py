"""Find vehicles, vessels, terminals and runs by what somebody types of them, be it out of the middle.

Each table has a trigram index over the same expression as is asked here (migration 0008), so a search looks at few rows of many.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from huoji.apps.fleet.models import Conveyance
from huoji.apps.fleet.queries import conveyances, terminals
from huoji.apps.fleet.queries.conveyances import ConveyanceLine
from huoji.apps.fleet.queries.terminals import TerminalLine
from huoji.core import conveyance as rules
from huoji.core.fleet import RunState
from huoji.core.numbers import half_width, normalise
from huoji.core.permission import Actor, Permission

CHARS_MIN = 2
FOUND_MAX = 8
RUNS_MAX = 5  # a plate begins the number of every trip of its vehicle

CONVEYANCE_WORDS = "upper(plate || ' ' || name || ' ' || name_en || ' ' || imo || ' ' || mmsi || ' ' || call_sign)"
TERMINAL_WORDS = "upper(number || ' ' || device_id || ' ' || imei)"
RUN_WORDS = "upper(number)"


def conveyances_like(actor: Actor, text: str, *, now: datetime) -> list[ConveyanceLine]:
    """Return vehicles and vessels whose plate, name, IMO number, MMSI or call sign holds this; the closest first."""
    if not actor.may(Permission.FLEET_VIEW):
        return []
    told = {_upper(text), rules.plate(text), rules.digits(text)}
    ids = _ids("conveyance", "id", CONVEYANCE_WORDS, told, first="active DESC")
    rows = conveyances.visible_to(actor).in_bulk(ids)
    return conveyances.lines(_in_order(rows.get(pk) for pk in ids), now=now)


def terminals_like(actor: Actor, text: str, *, now: datetime) -> list[TerminalLine]:
    """Return terminals whose number, device id or IMEI holds this; a number is kept without the zeros before it."""
    if not actor.may(Permission.FLEET_VIEW):
        return []
    ids = _ids("terminal", "id", TERMINAL_WORDS, {_upper(text), _upper(text).lstrip("0")}, first="state = 'blocked'")
    rows = terminals.visible_to(actor).in_bulk(ids)
    return [terminals.line_of(rows[pk], now=now) for pk in ids if pk in rows]


def runs_like(actor: Actor, text: str) -> list[int]:
    """Return the units of trips and voyages whose number holds this; those under way first, then the latest."""
    if not actor.may(Permission.FLEET_VIEW):
        return []
    first = f"state = '{RunState.UNDER_WAY.value}' DESC, starts_at DESC"
    return _ids("run", "unit_id", RUN_WORDS, {normalise(text), rules.plate(text)}, first=first, limit=RUNS_MAX)


def _upper(text: str) -> str:
    return half_width(text).strip().upper()


def _in_order(rows: Iterable[Conveyance | None]) -> list[Conveyance]:
    return [row for row in rows if row is not None]


def _ids(table: str, key: str, words: str, told: Iterable[str], *, first: str, limit: int = FOUND_MAX) -> list[int]:
    """Return the keys of the rows that hold one of these texts: where it stands foremost and the rest is shortest."""
    texts = sorted({text for text in told if len(text) >= CHARS_MIN})
    if not texts:
        return []
    holds = " OR ".join([f"{words} LIKE %s"] * len(texts))
    place = f"least({', '.join([f'nullif(strpos({words}, %s), 0)'] * len(texts))})"
    sql = f"SELECT {key} FROM {table} WHERE {holds} ORDER BY {first}, {place}, length({words}), {key} LIMIT {limit}"  # noqa: S608  our own words
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(f"%{_escaped(text)}%" for text in texts), *texts])
        return [row[0] for row in cursor.fetchall()]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
