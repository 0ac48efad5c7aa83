"""What road terminals tell: positions, and what else they say."""

from collections.abc import Sequence
from datetime import UTC, datetime

from huoji.apps.fleet.actions import hearing, storing
from huoji.apps.fleet.actions.hearing import Said
from huoji.apps.fleet.actions.rows import PointIn
from huoji.gateways.kinds import Kind

KEY_BYTES = 8


def _store_points(points: Sequence[PointIn], source: str) -> None:
    storing.store(points, source=source, now=datetime.now(UTC))


def _store_said(said: Sequence[Said], source: str) -> None:
    del source
    for each in said:
        hearing.keep(each)


POINTS: Kind[PointIn] = Kind("points", PointIn, lambda it: it.terminal_id.to_bytes(KEY_BYTES), _store_points)
SAID: Kind[Said] = Kind("said", Said, lambda it: it.terminal_id.to_bytes(KEY_BYTES), _store_said)
