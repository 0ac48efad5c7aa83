"""A draft: one shipment as a customer or an import tells it, checked once at the door."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import msgspec

from huoji.core.milestone import Line, Mode
from huoji.core.moment import Moment, MomentError, parse
from huoji.core.numbers import normalise
from huoji.core.report import NUMBER_MAX, PLACE_MAX, Name, identity

PARTIES_MAX, LEGS_MAX, REFERENCES_MAX, LINKS_MAX, PIECES_MAX = 8, 40, 60, 20, 9_999
TYPED_MAX = 2 * NUMBER_MAX  # of a number with the spaces and dashes that people put into it
ROLES = ("shipper", "consignee", "notify", "booking_agent", "carrier_agent")
REFERENCE_KINDS = ("order", "booking", "bill", "container", "customer", "carrier", "source")
RELATIONS = ("returned_as", "forwarded_as", "return_of", "forward_of")


class PartyTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person or firm as told."""

    role: str
    name: str = ""
    phone: str = ""
    address: str = ""


class LegTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A planned part of the way as told."""

    mode: str = "unknown"
    origin: str = ""
    destination: str = ""
    departs_at: str = ""
    arrives_at: str = ""
    vehicle: Name | None = None


class LinkTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another waybill of the same story, and how it relates to this one."""

    relation: str
    number: str


class ShipmentTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One shipment as it stands in a JSON body; without `number` it gets one of ours."""

    line: str
    number: str = ""
    order: str = ""
    customer: str = ""
    parties: tuple[PartyTold, ...] = ()
    goods: str = ""
    pieces: int = 1
    weight_kg: str | float | int | None = None
    volume_m3: str | float | int | None = None
    remark: str = ""
    origin: str = ""
    destination: str = ""
    placed_at: str = ""
    promised_at: str = ""
    references: tuple[Name, ...] = ()
    legs: tuple[LegTold, ...] = ()
    links: tuple[LinkTold, ...] = ()


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A checked leg."""

    mode: str
    origin: str
    destination: str
    departs: Moment | None
    arrives: Moment | None
    vehicle: tuple[str, str]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A checked shipment; `digest` is that of its content."""

    line: str
    number: str
    order: str
    customer: str
    parties: tuple[PartyTold, ...]
    goods: str
    pieces: int
    weight_kg: Decimal | None
    volume_m3: Decimal | None
    remark: str
    origin: str
    destination: str
    placed: Moment | None
    promised: Moment | None
    references: tuple[tuple[str, str], ...]
    legs: tuple[Leg, ...]
    links: tuple[tuple[str, str], ...]
    digest: int


class DraftError(ValueError):
    """The shipment cannot be taken; `field` says where, `code` is stable."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.field, self.detail = code, field, detail


def check(told: ShipmentTold, *, assumed_offset_min: int) -> Draft:
    """Turn a told shipment into a draft, or raise DraftError."""
    if told.line not in set(Line):
        raise DraftError("invalid_line", "line", f"Must be one of {', '.join(Line)}.")
    if not 1 <= told.pieces <= PIECES_MAX:
        raise DraftError("invalid_pieces", "pieces", f"Must be from 1 to {PIECES_MAX}.")
    for field, limit in (
        ("goods", 200),
        ("remark", 500),
        ("origin", PLACE_MAX),
        ("destination", PLACE_MAX),
        ("order", 40),
        ("customer", 40),
        ("number", TYPED_MAX),
    ):
        _text(getattr(told, field), field, limit)
    for field, rows, limit in (("parties", told.parties, PARTIES_MAX), ("legs", told.legs, LEGS_MAX),
                               ("references", told.references, REFERENCES_MAX), ("links", told.links, LINKS_MAX)):  # fmt: skip
        if len(rows) > limit:
            raise DraftError("too_many", field, f"At most {limit}.")
    number = normalise(told.number)
    if len(number) > NUMBER_MAX or (told.number and not number):
        raise DraftError("invalid_number", "number", f"A number has 1 to {NUMBER_MAX} letters, digits and dashes.")
    return Draft(
        line=told.line,
        number=number,
        order=told.order.strip(),
        customer=told.customer.strip(),
        parties=_parties(told.parties),
        goods=told.goods.strip(),
        pieces=told.pieces,
        weight_kg=_decimal(told.weight_kg, "weight_kg"),
        volume_m3=_decimal(told.volume_m3, "volume_m3"),
        remark=told.remark.strip(),
        origin=told.origin.strip(),
        destination=told.destination.strip(),
        placed=_moment(told.placed_at, "placed_at", assumed_offset_min),
        promised=_moment(told.promised_at, "promised_at", assumed_offset_min),
        references=_references(told.references),
        legs=tuple(_leg(leg, f"legs[{i}]", assumed_offset_min) for i, leg in enumerate(told.legs)),
        links=_links(told.links),
        digest=identity(msgspec.json.encode(told).decode()),
    )


def _text(value: str, field: str, limit: int) -> None:
    if len(value) > limit:
        raise DraftError("too_long", field, f"At most {limit} characters.")
    if "\x00" in value:
        raise DraftError("invalid_text", field, "A NUL character cannot be stored; remove it.")


def _parties(parties: Iterable[PartyTold]) -> tuple[PartyTold, ...]:
    found: dict[str, PartyTold] = {}
    for index, party in enumerate(parties):
        where = f"parties[{index}]"
        if party.role not in ROLES:
            raise DraftError("invalid_role", f"{where}.role", f"Must be one of {', '.join(ROLES)}.")
        if party.role in found:
            raise DraftError("two_parties", f"{where}.role", f"There is one {party.role} already.")
        for field, limit in (("name", 120), ("phone", 40), ("address", 300)):
            _text(getattr(party, field), f"{where}.{field}", limit)
        found[party.role] = party
    return tuple(found.values())


def _decimal(value: str | float | None, field: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise DraftError("invalid_number", field, "Must be a decimal number, such as 12.5.") from error
    if not number.is_finite() or not 0 <= number < Decimal(10) ** 7:
        raise DraftError("invalid_number", field, "Must be from 0 to below 10,000,000.")
    return number.quantize(Decimal("0.001"))


def _moment(text: str, field: str, assumed_offset_min: int) -> Moment | None:
    if not text:
        return None
    try:
        return parse(text, assumed_offset_min=assumed_offset_min)
    except MomentError as error:
        raise DraftError("invalid_time", field, "Must be ISO 8601, such as 2026-11-23T14:05:00+08:00.") from error


def _references(references: Iterable[Name]) -> tuple[tuple[str, str], ...]:
    found = []
    for index, name in enumerate(references):
        _text(name.number, f"references[{index}].number", TYPED_MAX)
        number = normalise(name.number)
        if name.kind not in REFERENCE_KINDS:
            raise DraftError(
                "invalid_reference", f"references[{index}].kind", f"Must be one of {', '.join(REFERENCE_KINDS)}."
            )
        if not number or len(number) > NUMBER_MAX:
            raise DraftError(
                "invalid_reference", f"references[{index}].number", f"Must have 1 to {NUMBER_MAX} characters."
            )
        found.append((name.kind, number))
    return tuple(dict.fromkeys(found))


def _leg(leg: LegTold, where: str, assumed_offset_min: int) -> Leg:
    if leg.mode not in set(Mode):
        raise DraftError("invalid_mode", f"{where}.mode", f"Must be one of {', '.join(Mode)}.")
    _text(leg.origin, f"{where}.origin", PLACE_MAX)
    _text(leg.destination, f"{where}.destination", PLACE_MAX)
    if leg.vehicle:
        _text(leg.vehicle.number, f"{where}.vehicle.number", TYPED_MAX)
    vehicle = (leg.vehicle.kind, normalise(leg.vehicle.number)) if leg.vehicle else ("", "")
    if leg.vehicle and (vehicle[0] not in ("trip", "voyage", "container") or not vehicle[1]):
        raise DraftError("invalid_vehicle", f"{where}.vehicle", "Must be a trip, voyage or container with its number.")
    return Leg(
        mode=leg.mode,
        origin=leg.origin.strip(),
        destination=leg.destination.strip(),
        departs=_moment(leg.departs_at, f"{where}.departs_at", assumed_offset_min),
        arrives=_moment(leg.arrives_at, f"{where}.arrives_at", assumed_offset_min),
        vehicle=vehicle,
    )


def _links(links: Iterable[LinkTold]) -> tuple[tuple[str, str], ...]:
    for index, link in enumerate(links):
        if link.relation not in RELATIONS:
            raise DraftError("invalid_relation", f"links[{index}].relation", f"Must be one of {', '.join(RELATIONS)}.")
        _text(link.number, f"links[{index}].number", TYPED_MAX)
        if not normalise(link.number):
            raise DraftError("invalid_number", f"links[{index}].number", "Give the other waybill's number.")
    return tuple((link.relation, normalise(link.number)) for link in links)


DIGITS = re.compile(r"\d")


def last4(phone: str) -> str:
    """Return the last four digits of a phone, before any extension."""
    digits = DIGITS.findall(re.split(r"(?:ext|转|#|x|-(?=\d{1,4}$))", phone, maxsplit=1)[0])
    return "".join(digits[-4:])
