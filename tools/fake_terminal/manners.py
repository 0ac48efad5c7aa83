"""How a terminal that does not exist behaves: what it was told, and the ways to misbehave."""

from enum import StrEnum

from huoji.wire import jt808
from huoji.wire.jt808 import Frame, Framer, Message
from huoji.wire.jt808.frame import enclose


class Bad(StrEnum):
    """A way to misbehave."""

    CHECK_SUM = "check-sum"  # before each frame, the same one with a wrong check byte
    GARBAGE = "garbage"  # random bytes between frames
    HALF_FRAMES = "half-frames"  # now and then only the beginning of a frame
    DUPLICATES = "duplicates"  # every frame twice
    WRONG_CLOCK = "wrong-clock"  # more than a year in the future
    REPLAY = "replay"  # after each new connection, everything again
    DEAF = "deaf"  # never reads what the platform says
    VERSION_BIT = "version-bit"  # marks old headers as new ones
    SPLIT = "split"  # sends every frame in small pieces


class Refused(Exception):  # noqa: N818
    """The platform did not accept a registration or an authentication."""


class Orders:
    """What a terminal was told to show, to be and to watch."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parameters: dict[int, bytes] = {0x0001: (60).to_bytes(4), 0x0029: (5).to_bytes(4)}
        self.areas: dict[tuple[int, int], object] = {}  # by the id of the message that set it, and its own

    def take(self, message: Message) -> bool:
        """Keep an order; tell whether it was one."""
        kind, content = message.header.message_id, message.content
        match content:
            case jt808.Text(text=text):
                self.texts.append(text)
            case jt808.SetParameters(parameters=parameters):
                self.parameters |= {each.number: each.data for each in parameters}
            case jt808.SetCircles(areas=areas) | jt808.SetRectangles(areas=areas):
                self.areas |= {(kind, each.area_id): each for each in areas}
            case jt808.SetPolygon(area_id=area_id) | jt808.SetRoute(route_id=area_id):
                self.areas[kind, area_id] = content
            case (
                jt808.DeleteCircles(ids=ids)
                | jt808.DeleteRectangles(ids=ids)
                | jt808.DeletePolygons(ids=ids)
                | jt808.DeleteRoutes(ids=ids)
            ):
                forgotten = [each for each in self.areas if each[0] == kind - 1 and (not ids or each[1] in ids)]
                for each in forgotten:
                    del self.areas[each]
            case _:
                return False
        return True


def with_version_bit(frame: bytes) -> bytes:
    """Set the version bit of an old header, which some devices do, and mend the check byte."""
    (found,) = Framer().feed(frame)
    if not isinstance(found, Frame):
        return frame
    data = bytearray(found.data)
    data[2] |= 0x40
    return enclose(bytes(data))
