"""快递100, both ways: the answers and pushes it sends, the query it asks of a carrier, and the answer it expects."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import msgspec

from huoji.wire import Fault, FormatError, Node, load

MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
MAX_LINES = 1_000  # of one waybill
MAX_FORM_FIELDS = 20
MAX_NUMBER_CHARS = 32  # longest waybill number 快递100 takes
MAX_CONTEXT_CHARS = 2_000

TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
NUMBER = re.compile(r"[0-9A-Za-z-]{1,32}", re.ASCII)
CODE = re.compile(r"\d{1,4}", re.ASCII)

SIGNATURE_FAILED = "验签失败"
NOT_FOUND = "运单号不存在"
SUCCESS = "成功"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a trace. `time` is local to China and carries no offset; `code` is the advanced state when it is told."""

    time: str
    context: str
    location: str = ""
    code: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The full list of one waybill as of now, newest first; what it no longer lists is void. `monitor` is told by pushes only."""

    number: str
    company: str
    state: str
    lines: tuple[Line, ...]
    signed: bool = False
    monitor: str = ""  # polling, shutdown, abort or updateall
    message: str = ""
    origin: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What 快递100 asks a carrier: form fields key, num and sign."""

    key: str
    number: str
    sign: str

    def is_signed_with(self, secret: str) -> bool:
        return _same(carrier_sign(key=self.key, number=self.number, secret=secret), self.sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAnswer:
    """What a carrier answers; `result` false means that the question was not accepted."""

    result: bool
    message: str
    state: str = ""
    lines: tuple[Line, ...] = ()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _same(expected: str, given: str) -> bool:
    """Compare signatures in constant time, as bytes: a hostile one need not be ASCII."""
    return hmac.compare_digest(expected.encode(), given.upper().encode(errors="replace"))


def client_sign(*, param: str, key: str, customer: str) -> str:
    """Sign a question to 快递100: MD5 of param, key and customer, upper case."""
    return _md5(param + key + customer)


def carrier_sign(*, key: str, number: str, secret: str) -> str:
    """Sign a question of 快递100 to a carrier: MD5 of key, number and secret, upper case."""
    return _md5(key + number + secret)


def push_sign(*, param: str, salt: str) -> str:
    """Sign a push: MD5 of the param text and the salt given at subscription, upper case."""
    return _md5(param + salt)


def decode(data: bytes) -> Trace:
    """Read a query answer, a push (`lastResult`), or either wrapped in `param`."""
    node = load(data, limit_bytes=MAX_DOCUMENT_BYTES)
    if (param := node.maybe("param")) is not None:
        node = _reload(param) if isinstance(param.value, str) else param
    last = node.maybe("lastResult")
    return _trace(node, None) if last is None else _trace(last, node)


def decode_push(body: bytes, *, salt: str) -> Trace:
    """Read a push as it is posted: form fields `param` and, when a salt was given, `sign`, which must fit."""
    fields = _form(body)
    param = fields.get("param", "")
    if not param:
        raise FormatError(Fault("$.param", "missing", "is required"))
    if salt and not _same(push_sign(param=param, salt=salt), fields.get("sign", "")):
        raise FormatError(Fault("$.sign", "sign", "does not fit the param"))
    return decode(param.encode())


def decode_query(body: bytes) -> Query:
    """Read the form that 快递100 posts to a carrier; the caller checks the signature against the secret of that key."""
    node = Node(_form(body))
    return Query(
        key=node.need("key").text(limit=100),
        number=node.need("num").matching(NUMBER, what="waybill number"),
        sign=node.need("sign").text(limit=64),
    )


def encode_query(query: Query) -> bytes:
    return urlencode({"key": query.key, "num": query.number, "sign": query.sign}).encode()


def encode_answer(answer: CarrierAnswer) -> bytes:
    """Write `{result, message, state, data}`, lines as given (newest first)."""
    lines = [{"context": line.context, "location": line.location, "time": line.time} for line in answer.lines]
    return msgspec.json.encode(
        {"result": answer.result, "message": answer.message, "state": answer.state, "data": lines}
    )


def decode_answer(data: bytes) -> CarrierAnswer:
    """Read a carrier's answer, our own or another's."""
    node = load(data, limit_bytes=MAX_DOCUMENT_BYTES)
    return CarrierAnswer(
        result=node.need("result").flag(),
        message=_text(node, "message"),
        state=_code(node, "state"),
        lines=_lines(node),
    )


def _reload(node: Node) -> Node:
    """Decode a JSON document that was put as text into another."""
    return load(node.text(limit=MAX_DOCUMENT_BYTES).encode(errors="replace"), limit_bytes=MAX_DOCUMENT_BYTES)


def _form(body: bytes) -> dict[str, str]:
    if len(body) > MAX_DOCUMENT_BYTES:
        raise FormatError(Fault("$", "too_large", f"has {len(body)} bytes, the limit is {MAX_DOCUMENT_BYTES}"))
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MAX_FORM_FIELDS, errors="strict"))
    except ValueError as error:
        raise FormatError(Fault("$", "form", "is no form in UTF-8")) from error


def _trace(node: Node, push: Node | None) -> Trace:
    route = node.maybe("routeInfo") or Node({}, parent=node, key="routeInfo")
    return Trace(
        number=node.need("nu").text(limit=MAX_NUMBER_CHARS).strip(),
        company=_text(node, "com"),
        state=_code(node, "state"),
        lines=_lines(node),
        signed=_flag(node, "ischeck"),
        monitor="" if push is None else _text(push, "status"),
        message=(_text(push, "message") if push is not None else "") or _text(node, "message"),
        origin=_place(route, "from"),
        destination=_place(route, "to"),
    )


def _place(route: Node, name: str) -> str:
    where = route.maybe(name)
    return "" if where is None else _text(where, "name")


def _lines(node: Node) -> tuple[Line, ...]:
    data = node.maybe("data")
    return () if data is None else tuple(_line(item) for item in data.items(limit=MAX_LINES))


def _line(node: Node) -> Line:
    time = node.maybe("time") or node.need("ftime")
    return Line(
        time=_time(time),
        context=node.need("context").text(limit=MAX_CONTEXT_CHARS),
        location=_text(node, "location"),
        code=_code(node, "statusCode"),
        area=_text(node, "areaName"),
    )


def _time(node: Node) -> str:
    text = node.matching(TIME, what="time (yyyy-MM-dd HH:mm:ss)")
    day, _, clock = text.replace("T", " ").partition(" ")
    year, month, date = (int(part) for part in day.split("-"))
    hour, minute, second = (int(part) for part in (*clock.split(":"), "0", "0")[:3]) if clock else (0, 0, 0)
    try:
        datetime(year, month, date, hour, minute, second)  # noqa: DTZ001  # the format has no offset; ours is added by the reader
    except ValueError:
        node.refuse("time", f"{text!r} is no possible date and time")
    return text


def _text(node: Node, name: str) -> str:
    found = node.maybe(name)
    return "" if found is None or found.value == "" else found.text()


def _code(node: Node, name: str) -> str:
    """Read a state, which some send as a number and some as a text."""
    found = node.maybe(name)
    if found is None or found.value == "":
        return ""
    if isinstance(found.value, int) and not isinstance(found.value, bool) and 0 <= found.value <= 9_999:  # noqa: PLR2004
        return str(found.value)
    return found.matching(CODE, what="state")


def _flag(node: Node, name: str) -> bool:
    found = node.maybe(name)
    return found is not None and found.value in ("1", 1, True)
