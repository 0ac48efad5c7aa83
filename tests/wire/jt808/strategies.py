"""Messages of every kind, as hypothesis draws them."""

from functools import cache

from hypothesis import strategies as st

from huoji.wire import jt808
from huoji.wire.jt808 import Version
from huoji.wire.jt808.session import PLATE_COLOURS

byte, word, dword = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
versions = st.sampled_from(Version)
alphabet = st.sampled_from("粤A京B沪C0123456789测试运单abcXYZ-_.é€𠮷")
moments = st.none() | st.integers(946_656_000, 4_102_415_999)  # 2000-01-01 to 2099-12-31 in China
latitudes, longitudes = st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000)


def texts(size):
    """Draw texts of at most `size` bytes."""
    return st.text(alphabet, max_size=size).map(
        lambda text: text.encode("gb18030")[:size].decode("gb18030", "ignore").strip()
    )


digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=12).map(lambda text: text.lstrip("0") or "0")
points = st.tuples(st.integers(1, 90_000_000), st.integers(1, 180_000_000))
vendor_bytes = st.lists(st.tuples(st.integers(0xE0, 0xFF), st.binary(max_size=20)), max_size=3).map(tuple)
times = st.builds(jt808.Times, start=st.just("000000083000"), end=st.just("261231180000"))


def items():
    return st.builds(
        jt808.Items,
        mileage=st.none() | dword,
        fuel=st.none() | word,
        recorder_speed=st.none() | word,
        alarm_event=st.none() | word,
        tyres=st.none() | st.binary(min_size=30, max_size=30).map(tuple),
        temperature=st.none() | st.integers(-0x3FFF, 0x7FFF),
        overspeed=st.none() | st.builds(jt808.Overspeed, kind=byte, area_id=st.none() | dword),
        crossing=st.none() | st.builds(jt808.Crossing, kind=byte, area_id=dword, direction=byte),
        segment_time=st.none() | st.builds(jt808.SegmentTime, segment_id=dword, seconds=word, result=byte),
        signals=st.none() | dword,
        inputs=st.none() | word,
        analog=st.none() | st.tuples(word, word),
        network=st.none() | byte,
        satellites=st.none() | byte,
        unknown=vendor_bytes,
        trailing=st.just(b"") | st.just(b"\xe0") | st.just(b"\xe0\x05ab"),
    )


positions = st.builds(
    jt808.write_position,
    alarm=dword,
    status=dword,
    latitude=latitudes,
    longitude=longitudes,
    altitude=word,
    speed=word,
    direction=word,
    time=moments,
    items=items().map(jt808.write_items),
)
parameters = st.lists(
    st.builds(jt808.Parameter, number=dword, data=st.binary(max_size=40)), max_size=5
).map(tuple)  # fmt: skip


def limits(version):
    night = word if version is Version.V2019 else st.just(0)
    return st.none() | st.builds(jt808.Limit, speed_kmh=word, seconds=byte, night_kmh=night)


def _area(version):
    name = texts(30) if version is Version.V2019 else st.just("")
    return {
        "area_id": dword,
        "alarms": st.integers(0, 0xF).map(lambda n: n << 2),
        "times": st.none() | times,
        "limit": limits(version),
        "name": name,
    }


def _registration(layout):
    maker, model, terminal = {"2011": (5, 8, 7), "2013": (5, 20, 7), "2019": (11, 30, 30)}[layout]
    return st.builds(
        jt808.Registration,
        layout=st.just(layout),
        province=word,
        city=word,
        maker=texts(maker),
        model=texts(model),
        terminal_id=texts(terminal),
        plate_colour=st.sampled_from(sorted(PLATE_COLOURS)),
        plate=st.sampled_from(["", "粤A12345", "沪AD12345"]),
    )


def _driver(version):
    card = {"name": texts(30), "certificate": texts(20), "issuer": texts(40), "valid_until": st.just("20300101")}
    if version is Version.V2011:
        return st.builds(
            jt808.Driver,
            layout=st.just(version),
            name=texts(30),
            identity=texts(20),
            certificate=texts(40),
            issuer=texts(40),
        )
    seen = {"layout": st.just(version), "time": moments}
    if version is Version.V2019:
        card |= {"identity": texts(20)}
        face = card | {"face_match": byte, "card_uid": texts(20)}
    else:
        face = card
    return st.one_of(
        st.builds(jt808.Driver, status=st.just(2), **seen),
        st.builds(jt808.Driver, status=st.just(1), result=st.integers(1, 4), **seen),
        st.builds(jt808.Driver, status=st.just(1), result=st.just(0), **seen, **card),
        st.builds(jt808.Driver, status=st.just(1), result=st.just(0), **seen, **face),
    )


def _authentication(version):
    if version is Version.V2019:
        return st.builds(
            jt808.Authentication, layout=st.just(version), code=texts(60), imei=texts(15), software=texts(20)
        )
    return st.builds(jt808.Authentication, layout=st.just(version), code=texts(60))


def _media(version):
    place = st.none() if version is Version.V2011 else positions.map(lambda it: jt808.read_position(it.raw[:28]))
    head = {"media_id": dword, "kind": byte, "format": byte, "event": byte, "channel": byte}
    missing = st.lists(word, max_size=5).map(tuple)
    return {
        jt808.MediaEvent: st.builds(jt808.MediaEvent, **head),
        jt808.Media: st.builds(jt808.Media, **head, position=place, data=st.binary(max_size=60)),
        jt808.MediaAnswer: st.builds(jt808.MediaAnswer, media_id=dword, missing=missing),
    }


def _areas(version):
    circle = st.builds(jt808.Circle, **_area(version), centre=points, radius_m=dword)
    rectangle = st.builds(jt808.Rectangle, **_area(version), north_west=points, south_east=points)
    turn = {"point_id": dword, "segment_id": dword, "width_m": byte}
    free = st.builds(jt808.Turn, **turn, point=st.tuples(latitudes, longitudes), limit=limits(version))
    timed = st.builds(jt808.Turn, **turn, point=points, longest_s=word, shortest_s=word)

    def few(one):
        return st.lists(one, max_size=3).map(tuple)

    route = {"route_id": dword, "alarms": _area(version)["alarms"], "times": st.none() | times}
    deletes = (jt808.DeleteCircles, jt808.DeleteRectangles, jt808.DeletePolygons, jt808.DeleteRoutes)
    corners = st.lists(points, min_size=3, max_size=6).map(tuple)
    return {
        jt808.SetCircles: st.builds(jt808.SetCircles, action=byte, areas=few(circle)),
        jt808.SetRectangles: st.builds(jt808.SetRectangles, action=byte, areas=few(rectangle)),
        jt808.SetPolygon: st.builds(jt808.SetPolygon, **_area(version), points=corners),
        jt808.SetRoute: st.builds(jt808.SetRoute, **route, name=_area(version)["name"], turns=few(free | timed)),
        **{each: st.builds(each, ids=few(dword)) for each in deletes},
    }


@cache
def contents(version):
    """Give for every kind of body the values that this version can say."""
    new = version is Version.V2019
    answer = {"answer_serial": word, "answer_id": word, "result": byte}
    lacks = {"first_serial": word, "indices": st.lists(word, max_size=5).map(tuple)}
    widths = (5, 30, 30) if new else (5, 20, 7)
    fields = {
        jt808.TerminalAnswer: answer,
        jt808.PlatformAnswer: answer,
        jt808.TerminalResend: lacks,
        jt808.PlatformResend: lacks,
        jt808.Heartbeat: {"data": st.binary(max_size=20)},
        jt808.Unregistration: {},
        jt808.TimeQuery: {},
        jt808.QueryAttributes: {},
        jt808.QueryPosition: {},
        jt808.LinkTest: {},
        jt808.QueryParameters: {},
        jt808.ServerTime: {"time": st.integers(946_684_800, 4_102_444_799)},
        jt808.RegistrationAnswer: {"answer_serial": word, "result": byte, "code": texts(40)},
        jt808.Attributes: {
            "kind": word,
            "maker": texts(widths[0]),
            "model": texts(widths[1]),
            "terminal_id": texts(widths[2]),
            "iccid": st.just("89860012345678901234"),
            "hardware": texts(20),
            "firmware": texts(20),
            "gnss": byte,
            "radio": byte,
        },
        jt808.PositionReport: {"position": positions},
        jt808.PositionAnswer: {"answer_serial": word, "position": positions},
        jt808.PositionBatch: {"kind": byte, "count": word, "positions": st.lists(positions, max_size=4).map(tuple)},
        jt808.Waybill: {"data": st.binary(max_size=80)},
        jt808.SetParameters: {"parameters": parameters},
        jt808.ParametersAnswer: {"answer_serial": word, "parameters": parameters},
        jt808.QueryTheseParameters: {"numbers": st.lists(dword, max_size=5).map(tuple)},
        jt808.Track: {"interval_s": st.integers(1, 0xFFFF), "valid_s": dword},
        jt808.ConfirmAlarm: {"alarm_serial": word, "alarms": dword},
        jt808.Text: {"flags": byte, "text": texts(80), "kind": byte if new else st.just(1)},
        jt808.Shoot: dict.fromkeys(("channel", "resolution", "quality"), byte)
        | dict.fromkeys(("command", "interval_s"), word)
        | dict.fromkeys(("brightness", "contrast", "saturation", "chroma"), byte)
        | {"keep": st.booleans()},
    }
    return (
        {kind: st.builds(kind, **each) for kind, each in fields.items()}
        | {jt808.Registration: _registration(version), jt808.Authentication: _authentication(version)}
        | {jt808.Driver: _driver(version)}
        | _media(version)
        | _areas(version)
    )
