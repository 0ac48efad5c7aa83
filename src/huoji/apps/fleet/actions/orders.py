"""What a command says in JT/T 808: its body becomes one message of a closed list, and everything that is not on it is refused.

There is no message that cuts fuel or circuit, none that makes a terminal install or run anything (0x8105, 0x8108, 0x8500, 0x8900),
no parameter that a maker invented, and no text that a terminal could take for an order of its maker.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from huoji.core.fleet import CommandKind
from huoji.core.geo import HALF_TURN_E6
from huoji.core.position import LAT_MAX_E6
from huoji.wire import jt808
from huoji.wire.jt808 import areas, commands, parameters
from huoji.wire.jt808.message import Content

INTERVAL_S_MAX, FOLLOW_S_MAX = 3_600, 24 * 3_600
PARAMETERS_MAX, POINTS_MAX, IDS_MAX = 50, 100, 100
ORDERLIKE = re.compile(r"[<>#*$&;={}\[\]|\\~^\x00-\x1f\x7f]")  # makers' terminals take texts with such signs for orders
Body = Mapping[str, Any]


class OrderError(ValueError):
    """The body of a command is none; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def order_of(kind: CommandKind, body: Body) -> Content:
    """Return the message of a command, or raise OrderError that names the faulty field."""
    known, build = _BUILDERS[kind]
    if unknown := set(body) - known:
        raise OrderError(min(unknown))
    content = build(body)
    try:
        for version in jt808.Version:
            if content.write(version) is None:
                raise OrderError("body")
    except jt808.MessageError as error:
        raise OrderError(error.path) from error
    return content


def redirects(content: Content) -> bool:
    """Tell whether a message could lead a terminal away from us."""
    return isinstance(content, parameters.SetParameters) and any(each.redirects for each in content.parameters)


def _whole(body: Body, field: str, *, low: int, high: int, default: int | None = None) -> int:
    value = body.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise OrderError(field)
    return value


def _flag(body: Body, field: str, *, default: bool) -> bool:
    value = body.get(field, default)
    if not isinstance(value, bool):
        raise OrderError(field)
    return value


def _list(body: Body, field: str, *, longest: int) -> list[Any]:
    value = body.get(field)
    if not isinstance(value, list) or not 0 < len(value) <= longest:
        raise OrderError(field)
    return value


def _locate(_body: Body) -> Content:
    return commands.QueryPosition()


def _link_test(_body: Body) -> Content:
    return commands.LinkTest()


def _track(body: Body) -> Content:
    interval_s = _whole(body, "interval_s", low=0, high=INTERVAL_S_MAX)
    return commands.Track(interval_s=interval_s, valid_s=_whole(body, "valid_s", low=0, high=FOLLOW_S_MAX, default=0))


def _text(body: Body) -> Content:
    text = body.get("text")
    if not isinstance(text, str) or not text.strip() or ORDERLIKE.search(text):
        raise OrderError("text")
    try:
        data = text.encode("gb18030")
    except UnicodeError:
        raise OrderError("text") from None
    if len(data) > commands.MAX_TEXT_BYTES:
        raise OrderError("text")
    flags = commands.TEXT_URGENT if _flag(body, "urgent", default=False) else 0
    flags |= commands.TEXT_DISPLAY if _flag(body, "display", default=True) else 0
    flags |= commands.TEXT_SPEAK if _flag(body, "speak", default=True) else 0
    return commands.Text(flags=flags, text=text)


def _number_of(text: object) -> int:
    """Return the number of a parameter that the standard knows, given as 0x0029 or by its name."""
    names = {name: number for number, (name, _) in parameters.KNOWN.items()}
    if isinstance(text, str) and text in names:
        return names[text]
    if isinstance(text, str) and re.fullmatch(r"0x[0-9a-fA-F]{4}", text) and int(text, 16) in parameters.KNOWN:
        return int(text, 16)
    raise OrderError("parameters")


def _set_parameters(body: Body) -> Content:
    given = body.get("parameters")
    if not isinstance(given, dict) or not 0 < len(given) <= PARAMETERS_MAX:
        raise OrderError("parameters")
    made = {}
    for name, value in given.items():
        number = _number_of(name)
        if isinstance(value, bool) or not isinstance(value, int | str) or number in made:
            raise OrderError("parameters")
        is_bytes = parameters.KNOWN[number][1] == "bytes"
        made[number] = parameters.make_parameter(number, _unhex(value) if is_bytes else value)
    return parameters.SetParameters(parameters=tuple(made.values()))


def _unhex(value: int | str) -> bytes:
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        raise OrderError("parameters") from None


def _read_parameters(body: Body) -> Content:
    if _flag(body, "attributes", default=False):
        return commands.QueryAttributes()
    if "parameters" not in body:
        return parameters.QueryParameters()
    numbers = tuple(_number_of(each) for each in _list(body, "parameters", longest=PARAMETERS_MAX))
    return parameters.QueryTheseParameters(numbers=numbers)


def _confirm_alarm(body: Body) -> Content:
    serial = _whole(body, "serial", low=0, high=0xFFFF, default=0)
    return commands.ConfirmAlarm(alarm_serial=serial, alarms=_whole(body, "alarms", low=0, high=0xFFFFFFFF))


def _point(value: object) -> tuple[int, int]:
    match value:
        case [int() as lat, int() as lon] if abs(lat) <= LAT_MAX_E6 and abs(lon) <= HALF_TURN_E6:
            return lat, lon
        case _:
            raise OrderError("points")


def _set_area(body: Body) -> Content:
    area_id = _whole(body, "id", low=1, high=0xFFFFFFFF)
    name = body.get("name", "")
    if not isinstance(name, str) or ORDERLIKE.search(name):
        raise OrderError("name")
    alarms = areas.ENTER_PLATFORM | areas.LEAVE_PLATFORM
    points = tuple(_point(each) for each in _list(body, "points", longest=POINTS_MAX))
    width_m = _whole(body, "width_m", low=1, high=255, default=50)
    match body.get("shape"), len(points):
        case "circle", 1:
            radius_m = _whole(body, "radius_m", low=20, high=50_000)
            circle = areas.Circle(area_id=area_id, alarms=alarms, name=name, centre=points[0], radius_m=radius_m)
            return areas.SetCircles(action=areas.ADD, areas=(circle,))
        case "rectangle", 2:
            rectangle = areas.Rectangle(
                area_id=area_id, alarms=alarms, name=name, north_west=points[0], south_east=points[1]
            )
            return areas.SetRectangles(action=areas.ADD, areas=(rectangle,))
        case "polygon", count if count > 2:  # noqa: PLR2004  fewer corners are no area
            return areas.SetPolygon(area_id=area_id, alarms=alarms, name=name, points=points)
        case "route", count if count > 1:
            turns = tuple(
                areas.Turn(point_id=number, segment_id=number, point=point, width_m=width_m)
                for number, point in enumerate(points, start=1)
            )
            return areas.SetRoute(route_id=area_id, alarms=alarms, name=name, turns=turns)
        case _:
            raise OrderError("shape")


_DELETES = {
    "circle": areas.DeleteCircles, "rectangle": areas.DeleteRectangles, "polygon": areas.DeletePolygons,
    "route": areas.DeleteRoutes,
}  # fmt: skip


def _delete_area(body: Body) -> Content:
    kind = _DELETES.get(str(body.get("shape")))
    ids = _list(body, "ids", longest=IDS_MAX)
    if kind is None:
        raise OrderError("shape")
    if not all(isinstance(each, int) and 0 < each <= 0xFFFFFFFF for each in ids):  # noqa: PLR2004  a DWORD
        raise OrderError("ids")
    return kind(ids=tuple(ids))


_BUILDERS: Mapping[CommandKind, tuple[frozenset[str], Callable[[Body], Content]]] = {
    CommandKind.LOCATE: (frozenset(), _locate),
    CommandKind.TRACK: (frozenset({"interval_s", "valid_s"}), _track),
    CommandKind.TEXT: (frozenset({"text", "urgent", "display", "speak"}), _text),
    CommandKind.SET_PARAMETERS: (frozenset({"parameters"}), _set_parameters),
    CommandKind.READ_PARAMETERS: (frozenset({"parameters", "attributes"}), _read_parameters),
    CommandKind.CONFIRM_ALARM: (frozenset({"serial", "alarms"}), _confirm_alarm),
    CommandKind.SET_AREA: (frozenset({"id", "name", "shape", "points", "radius_m", "width_m"}), _set_area),
    CommandKind.DELETE_AREA: (frozenset({"shape", "ids"}), _delete_area),
    CommandKind.LINK_TEST: (frozenset(), _link_test),
}
