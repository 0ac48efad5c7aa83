"""What no table takes: set aside as a parcel of one, and tried again from there, whichever way it came."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from huoji.gateways.kinds import Kind
from huoji.gateways.stream.parcel import pack, unpack
from huoji.kit import heartbeat, log, set_aside, trouble
from huoji.kit.set_aside import Thing
from huoji.kit.trouble import Trouble

AT_ONCE = 500  # of one turn
UNREADABLE = "unreadable"

T = TypeVar("T")


def put(kind: Kind[T], source: str, refused: Sequence[tuple[T, Exception]], *, now: datetime) -> None:
    """Set things aside, each with what stood in its way."""
    set_aside.put(
        [Thing(kind=kind.name, source=source, body=pack(kind, [item], source=source), reason=set_aside.reason_of(wrong))
         for item, wrong in refused], now=now,
    )  # fmt: skip
    heartbeat.count(f'huoji_gateway_set_aside_total{{kind="{kind.name}"}}', len(refused))
    log.KIT.error("what came cannot be stored and is set aside", exc_info=refused[0][1], extra={
        "what": kind.name, "things": len(refused),
    })  # fmt: skip


def put_unreadable(data: bytes, wrong: Exception, *, now: datetime) -> None:
    """Set aside what came through the stream and is no parcel."""
    set_aside.put([Thing(kind=UNREADABLE, source="", body=data, reason=set_aside.reason_of(wrong))], now=now)
    log.KIT.error("what came through the stream is no parcel and is set aside", exc_info=wrong)


def try_again(*, now: datetime) -> int:
    """Try what is due once more; return how much was taken."""
    taken = 0
    for row_id, body in set_aside.due(now=now, limit=AT_ONCE):
        try:
            parcel = unpack(body)
            parcel.kind.store(parcel.items, parcel.source)
        except Exception as wrong:
            if trouble.of(wrong) in {Trouble.AWAY, Trouble.NO_ROOM}:
                raise  # the next turn; one that takes too long each time must not be the first of every turn
            set_aside.failed(row_id, reason=set_aside.reason_of(wrong), now=now)
        else:
            set_aside.taken(row_id)
            taken += 1
    return taken
