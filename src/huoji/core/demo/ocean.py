"""The ocean line (海运): containers on six invented ships, booked, stuffed, shipped, cleared and given back empty."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from stdnum import imo, iso6346

from huoji.core.cities import PORTS
from huoji.core.demo import people
from huoji.core.demo.cargo import Cargo, moment
from huoji.core.demo.dice import Dice
from huoji.core.demo.fate import OCEAN, Fate, draw
from huoji.core.demo.journal import DAY, HOUR, clock, day_of
from huoji.core.demo.model import Passage, Vessel
from huoji.core.demo.network import BY_CODE, Site
from huoji.core.draft import Leg, PartyTold

PORT = {port.locode: port for port in PORTS}
INLAND = {"CNSHA": "SZV", "CNNGB": "JHA", "CNYTN": "DGM", "CNTAO": "WEF", "CNXMN": "JJN", "CNNSA": "FUO"}

# Port calls of a round: port and days of sea passage from the call before; the first passage closes the round.
ROUNDS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("CNSHA", 13), ("KRPUS", 2), ("USLAX", 12)),
    (("CNNGB", 6), ("SGSIN", 7), ("MYTPP", 1)),
    (("CNYTN", 4), ("VNSGN", 3), ("THLCH", 2)),
    (("CNTAO", 3), ("JPTYO", 3)),
    (("CNSHA", 28), ("SGSIN", 7), ("NLRTM", 20)),
    (("CNXMN", 8), ("CNNSA", 2), ("IDJKT", 6)),
)
NAMES = (
    ("海岳远星", "HAIYUE STAR"), ("云帆晨光", "YUNFAN DAWN"), ("南汐和风", "NANXI BREEZE"), ("北辰明珠", "BEICHEN PEARL"), ("朗川长歌", "LANGCHUAN SONG"),
    ("赤松启航", "CHISONG VENTURE"),
)  # fmt: skip
SHIP_NAMES = {name_en.replace(" ", ""): name_en for _, name_en in NAMES}
IN_PORT_H = 30
NOON_EVERY_S = 4 * DAY  # how often a ship at sea is heard of
ROUNDS_BEFORE_DAYS, ROUNDS_AFTER_DAYS = 60, 45
LCL_PERCENT = 18


def voyage_label(number: str) -> str:
    """Return a voyage as people write it: HAIYUE STAR 005W."""
    name, _, voyage = number.partition("/")
    return f"{SHIP_NAMES[name]} {voyage}"


def vessels() -> tuple[Vessel, ...]:
    """Return the ships. To our knowledge no ship has an IMO number from 2 to 4 million, and no country has the MMSI digits 200."""
    made = []
    for index, (name, name_en) in enumerate(NAMES):
        number = next(
            f"{2_400_100 + index * 10 + rest}" for rest in range(10) if imo.is_valid(f"{2_400_100 + index * 10 + rest}")
        )
        made.append(Vessel(name=name, name_en=name_en, imo=number, mmsi=f"200{index + 1:06d}"))
    return tuple(made)


@cache
def offset_min(locode: str) -> int:
    """Return the winter offset of a port; a month of demonstration is not worth the hour of summer."""
    delta = ZoneInfo(PORT[locode].time_zone).utcoffset(datetime(2026, 1, 15, tzinfo=UTC).replace(tzinfo=None))
    assert delta is not None
    return int(delta.total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Call:
    """One stay of a ship in a port, as it truly was or will be."""

    port: str
    voyage: str
    arrives: int
    departs: int
    planned: int


class Ocean:
    """Makes one ocean shipment after another."""

    def __init__(self, cargo: Cargo) -> None:
        self.cargo, self.dice, self.tell = cargo, cargo.dice, cargo.journal.tell
        self.serial = 0
        self.shared: dict[tuple[str, str, str], str] = {}
        self.told: set[str] = set()
        self.calls = [self._sail(index) for index in range(len(ROUNDS))]

    def _sail(self, index: int) -> list[Call]:
        """Let a ship go its rounds and tell its arrivals and departures."""
        dice, ports = Dice(f"ship {index}"), ROUNDS[index]
        at = clock(day_of(self.cargo.now) - ROUNDS_BEFORE_DAYS + index * 3, 6)
        calls: list[Call] = []
        while at < self.cargo.now + ROUNDS_AFTER_DAYS * DAY:
            for port, days in ports:
                late = dice.between(4, 40) * HOUR if dice.chance(18) else 0
                planned = at + days * DAY
                arrives = planned + late + dice.between(-3, 3) * HOUR
                departs = arrives + IN_PORT_H * HOUR + dice.between(-6, 8) * HOUR
                voyage = (
                    f"{NAMES[index][1].replace(' ', '')}/{len(calls) // len(ports) + 1:03d}{'E' if index % 2 else 'W'}"
                )
                calls.append(Call(port, voyage, arrives, departs, planned))
                at = departs
        for call, after in pairwise(calls):
            self._tell_call(call, after)
        return calls

    def _tell_call(self, call: Call, after: Call) -> None:
        """Tell a departure with the call that is planned next, on the voyage that sails; and the arrival there."""
        zone, there = offset_min(call.port), offset_min(after.port)
        passage = Passage("voyage", call.voyage, call.port, after.port, call.departs, after.arrives, after.planned)
        self.cargo.network.passages.append(passage)
        self.tell(
            "voyage",
            call.voyage,
            "departed",
            call.departs,
            place=call.port,
            next_place=after.port,
            mode="sea",
            offset_min=zone,
        )
        self.tell(
            "voyage", call.voyage, "arrived", after.planned, place=after.port, mode="sea", classifier="PLN", told_at=call.departs,
            offset_min=there,
        )  # fmt: skip
        for at in range(call.departs + NOON_EVERY_S, after.arrives - DAY, NOON_EVERY_S):
            self.tell("voyage", call.voyage, "in_transit", at, next_place=after.port, mode="sea", offset_min=zone)
        if after.arrives - after.planned > 3 * HOUR:
            self.tell(
                "voyage", call.voyage, "arrived", after.arrives, place=after.port, mode="sea", classifier="EST",
                told_at=(call.departs + after.planned) // 2, offset_min=there, reason="weather",
            )  # fmt: skip
        self.tell("voyage", call.voyage, "arrived", after.arrives, place=after.port, mode="sea", offset_min=there)

    def ship(self) -> None:
        """Make one bill of lading with its containers."""
        dice = self.dice
        calls, first, last = self._passage()
        load, unload = calls[first], calls[last]
        at = load.departs - 7 * DAY - dice.between(0, 5 * 24) * HOUR
        if at > self.cargo.now:
            at = self.cargo.now - dice.between(1, 70) * HOUR
        shared = dice.chance(LCL_PERCENT)
        boxes = 1 if shared or dice.chance(75) else dice.between(2, 3)
        containers = [self._shared(load, unload) if shared else self.container() for _ in range(boxes)]
        number = self._place(at, load, unload, containers)
        fate = draw(dice, OCEAN)
        self.tell("waybill", number, "booked", at + dice.between(2, 7) * HOUR, place=load.port, mode="sea")
        if fate is Fate.CANCELLED:
            self.tell("waybill", number, "cancelled", at + dice.between(20, 40) * HOUR, place=load.port, mode="sea")
            return
        for piece, box in enumerate(containers, 1):
            self._box(number, box, load, unload, fate, piece=str(piece) if boxes > 1 else "")
        self._clear(number, unload, fate, pieces=boxes)

    def _passage(self) -> tuple[list[Call], int, int]:
        """Choose a ship and two of its calls, so that the cargo is booked within the month."""
        dice = self.dice
        calls = dice.pick(self.calls)
        ports = len({call.port for call in calls})
        low, high = self.cargo.now - 20 * DAY, self.cargo.now + 12 * DAY
        firsts = [index for index in range(len(calls) - ports) if low < calls[index].departs < high]
        if not firsts:
            firsts = [max(index for index in range(len(calls) - ports) if calls[index].departs < high)]
        first = dice.pick(firsts)
        return calls, first, first + dice.between(1, ports - 1)

    def container(self) -> str:
        """Return a container number with a right check digit under an owner code that is, as far as we know, nobody's."""
        self.serial += 1
        start = f"ZZHU{(self.serial * 7_919 + 100_003) % 1_000_000:06d}"
        return start + iso6346.calc_check_digit(start)

    def _shared(self, load: Call, unload: Call) -> str:
        """Return a container that several small shipments share."""
        key = (load.voyage, load.port, unload.port)
        if key not in self.shared or self.dice.chance(20):
            self.shared[key] = self.container()
        return self.shared[key]

    def _place(self, at: int, load: Call, unload: Call, containers: list[str]) -> str:
        dice, cargo = self.dice, self.cargo
        customer = dice.pick(cargo.customers)
        at_home = Site(load.port, BY_CODE[INLAND.get(load.port, "SZX")])
        bill = f"HJBL{day_of(at) % 10_000:04d}{len(cargo.placed):05d}"
        foreign = PartyTold(
            role="consignee", name=f"{dice.pick(people.FOREIGN)} Ltd (demo)", phone=people.phone(dice),
            address=f"{dice.between(1, 90)} Wharf Road, {PORT[unload.port].name_en.removeprefix('Port of ')}",
        )  # fmt: skip
        leg = Leg(
            mode="sea", origin=load.port, destination=unload.port, departs=moment(load.planned + IN_PORT_H * HOUR, offset_min=offset_min(load.port)),
            arrives=moment(unload.planned, offset_min=offset_min(unload.port)), vehicle=("voyage", load.voyage),
        )  # fmt: skip
        return cargo.place(
            line="ocean", at=at, origin=load.port, destination=unload.port, goods=dice.pick(people.OCEAN_GOODS),
            parties=(cargo.parties(at_home, at_home, customer=customer)[0], foreign), promised=unload.planned + 7 * DAY,
            promised_offset_min=offset_min(unload.port), pieces=len(containers), customer=customer, legs=(leg,),
            weight_kg=dice.between(30_000, 230_000) * len(containers),
            references=(("bill", bill), ("booking", bill.replace("BL", "BK")), *(("container", box) for box in dict.fromkeys(containers))),
        )  # fmt: skip

    def _box(self, number: str, box: str, load: Call, unload: Call, fate: Fate, *, piece: str) -> None:
        """Stuff the cargo into its container and take it out again behind the other port."""
        dice, held = Dice(f"box {box}"), ("container", box)
        gate_in = load.arrives - dice.between(14, 40) * HOUR
        gate_out = unload.arrives + (90 if fate is Fate.HELD else 50) * HOUR + dice.between(0, 20) * HOUR
        stripped = gate_out + dice.between(10, 30) * HOUR
        if box not in self.told:
            self.told.add(box)
            self._tell_box(box, load, unload, times=(gate_in, gate_out, stripped))
        self.tell(
            "waybill", number, "stuffed", gate_in - self.dice.between(5, 12) * HOUR, place=load.port, holder=held, piece=piece,
            offset_min=offset_min(load.port), mode="sea",
        )  # fmt: skip
        if fate is Fate.STALLED:
            return  # nothing is heard of it any more behind the port
        self.tell(
            "waybill", number, "stripped", stripped, place=unload.port, holder=held, piece=piece,
            offset_min=offset_min(unload.port), mode="road",
        )  # fmt: skip

    def _tell_box(self, box: str, load: Call, unload: Call, *, times: tuple[int, int, int]) -> None:
        """Tell the use of a container: fetched empty, brought to the ship, taken off, and given back."""
        dice, onto, none = Dice(f"use {box}"), ("voyage", load.voyage), ("", "")
        gate_in, gate_out, stripped = times
        for milestone, at, call, holder in (
            ("empty_picked_up", gate_in - dice.between(20, 60) * HOUR, load, none),
            ("gate_in", gate_in, load, none),
            ("loaded", load.departs - dice.between(3, 20) * HOUR, load, onto),
            ("unloaded", unload.arrives + dice.between(4, 20) * HOUR, unload, onto),
            ("gate_out", gate_out, unload, none),
            ("empty_returned", stripped + dice.between(8, 60) * HOUR, unload, none),
        ):
            self.tell(
                "container",
                box,
                milestone,
                at,
                place=call.port,
                holder=holder,
                offset_min=offset_min(call.port),
                mode="sea",
            )

    def _clear(self, number: str, unload: Call, fate: Fate, *, pieces: int) -> None:
        """Take it through customs and to the consignee."""
        dice, zone = self.dice, offset_min(unload.port)
        start = unload.arrives + dice.between(16, 26) * HOUR
        tell = self.tell
        tell("waybill", number, "customs_started", start, place=unload.port, offset_min=zone, mode="sea")
        if fate is Fate.HELD:
            tell(
                "waybill",
                number,
                "customs_held",
                start + 8 * HOUR,
                place=unload.port,
                reason="documents",
                offset_min=zone,
                mode="sea",
            )
        cleared = unload.arrives + (86 if fate is Fate.HELD else 44) * HOUR
        tell("waybill", number, "customs_cleared", cleared, place=unload.port, offset_min=zone, mode="sea")
        if fate is Fate.STALLED:
            return
        arrived = unload.arrives + (150 if fate is Fate.HELD else 110) * HOUR
        tell("waybill", number, "arrived_dest", arrived, place=unload.port, offset_min=zone)
        if fate is Fate.DAMAGED:
            tell("waybill", number, "exception", arrived + HOUR, place=unload.port, reason="damaged", offset_min=zone)
            return
        tell("waybill", number, "out_for_delivery", arrived + 12 * HOUR, place=unload.port, offset_min=zone)
        for piece in range(1, pieces + 1):
            tell(
                "waybill", number, "delivered", arrived + (16 + piece) * HOUR, place=unload.port, reason="agent", offset_min=zone,
                piece=str(piece) if pieces > 1 else "", signed_by="Receiving dock",
            )  # fmt: skip
