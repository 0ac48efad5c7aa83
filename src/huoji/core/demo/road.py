"""The road line (汽运): part loads through the hubs, full loads on a truck of their own."""

from huoji.core.demo import people
from huoji.core.demo.cargo import Cargo, in_business_hours, moment
from huoji.core.demo.fate import ROAD, Fate, draw
from huoji.core.demo.journal import DAY, HOUR, clock, day_of
from huoji.core.demo.network import Site, Trip, day_name, drive_s, road_km
from huoji.core.demo.store import Store
from huoji.core.draft import Leg

SIGNERS = ("仓管员", "收货部", "门卫", "本人")
FULL_LOAD_PERCENT = 25


class Road:
    """Makes one road shipment after another."""

    def __init__(self, cargo: Cargo, *, plates: list[str]) -> None:
        self.cargo, self.dice, self.tell, self.plates = cargo, cargo.dice, cargo.journal.tell, plates
        self.store = Store(cargo.dice)
        self.busy: dict[str, list[tuple[int, int]]] = {plate: [] for plate in plates}

    def ship(self) -> None:
        """Make one shipment with whatever happens to it."""
        dice, network = self.dice, self.cargo.network
        origin = dice.pick(network.warehouses) if dice.chance(40) else dice.pick(network.outlets)
        destination = dice.pick(network.outlets)
        if origin.city is destination.city:
            destination = next(outlet for outlet in network.outlets if outlet.city is not origin.city)
        at = self.cargo.ordered_at()
        full = dice.chance(FULL_LOAD_PERCENT)
        picked = in_business_hours(at + dice.between(4, 22) * HOUR, dice)
        travel_s = drive_s(road_km(origin.city, destination.city))
        leaves = picked + (self.store.dwell_s() if origin in network.warehouses else 0)
        number = self._place(at, leaves, origin, destination, travel_s, full=full)
        fate = draw(dice, ROAD)
        self.tell("waybill", number, "awaiting_pickup", at + dice.between(20, 90) * 60, place=origin.code)
        if fate is Fate.CANCELLED:
            self.tell("waybill", number, "cancelled", at + dice.between(2, 12) * HOUR, place=origin.code)
            return
        self.tell("waybill", number, "picked_up", picked, place=origin.code)
        if origin in network.warehouses:
            self.store.keep(number, origin.code, came=picked + 12 * 60, left=leaves + 5 * 60)
        arrived = (
            self._drive(number, origin, destination, leaves, travel_s, fate)
            if full
            else self._hand_on(number, origin, destination, leaves, fate)
        )
        if arrived:
            self._deliver(number, origin, destination, arrived, fate)

    def _place(self, at: int, picked: int, origin: Site, destination: Site, travel_s: int, *, full: bool) -> str:
        dice, cargo = self.dice, self.cargo
        customer = dice.pick(cargo.customers)
        days = travel_s // DAY + (1 if full else 4)
        leg = Leg(
            mode="road", origin=origin.code, destination=destination.code, departs=moment(picked + 2 * HOUR),
            arrives=moment(picked + 2 * HOUR + (travel_s if full else days * DAY - 6 * HOUR)), vehicle=("", ""),
        )  # fmt: skip
        pieces = dice.between(8, 30) if full else dice.between(1, 12)
        return cargo.place(
            line="road", at=at, origin=origin.code, destination=destination.code, goods=dice.pick(people.ROAD_GOODS),
            parties=cargo.parties(origin, destination, customer=customer),
            promised=clock(day_of(picked) + days, 18), pieces=pieces, customer=customer, legs=(leg,),
            weight_kg=dice.between(40_000, 280_000) if full else dice.between(300, 24_000),
            references=(("customer", f"SO{at % 10**8:08d}{dice.below(90) + 10}"),),
        )  # fmt: skip

    def _hand_on(self, number: str, origin: Site, destination: Site, picked: int, fate: Fate) -> int | None:
        """Carry a part load from hub to hub; it waits longer in them than a parcel."""
        cargo = self.cargo
        path = cargo.network.path(origin, destination)
        if (origin.code, path[1].code) not in cargo.network.lanes:  # a warehouse brings it to its hub by itself
            path = path[1:]
            self.tell("waybill", number, "arrived", picked + 2 * HOUR, place=path[0].code)
        stalls = self.dice.below(len(path) - 1) if fate is Fate.STALLED else None
        at = cargo.carry(number, path, ready=picked + 3 * HOUR, until=stalls)
        return None if stalls is not None else at

    def _drive(
        self, number: str, origin: Site, destination: Site, picked: int, travel_s: int, fate: Fate
    ) -> int | None:
        """Drive a full load straight there."""
        dice, network = self.dice, self.cargo.network
        departs = picked + dice.between(40, 120) * 60
        delay = dice.between(3, 14) * HOUR if fate in (Fate.DELAYED, Fate.BROKEN_DOWN) else 0
        arrives = departs + int(travel_s * dice.between(95, 115) / 100) + delay
        plate = self._free_truck(departs, arrives + 6 * HOUR)
        trip = Trip(f"{plate}/{day_name(day_of(departs))}{number[-4:]}", departs, arrives)
        network.tell_trip(
            trip.number,
            origin.code,
            destination.code,
            departs=departs,
            arrives=arrives,
            planned=departs + travel_s,
            broken=fate is Fate.BROKEN_DOWN,
        )
        self.tell(
            "waybill",
            number,
            "loaded",
            departs - 15 * 60,
            place=origin.code,
            next_place=destination.code,
            holder=("trip", trip.number),
        )
        if fate is Fate.DELAYED:
            self.tell(
                "waybill", number, "delivered", arrives + 8 * HOUR, place=destination.code, classifier="EST", told_at=departs + travel_s // 2,
                reason="weather",
            )  # fmt: skip
        unloaded = arrives + dice.between(30, 150) * 60
        self.tell("waybill", number, "unloaded", unloaded, place=destination.code, holder=("trip", trip.number))
        return unloaded

    def _free_truck(self, start: int, end: int) -> str:
        """Return a truck that has nothing else to do in that time, and book it."""
        free = (plate for plate, spans in self.busy.items() if all(end <= a or b <= start for a, b in spans))
        plate = next(free, "") or self.dice.pick(self.plates)
        self.busy[plate].append((start, end))
        return plate

    def _deliver(self, number: str, origin: Site, destination: Site, at: int, fate: Fate) -> None:
        dice, here = self.dice, destination.code
        self.tell("waybill", number, "arrived_dest", at + 600, place=here)
        out = self.cargo.delivery_day(at + HOUR)
        self.tell("waybill", number, "out_for_delivery", out, place=here)
        door = out + dice.between(60, 400) * 60
        if fate is Fate.DAMAGED:
            self.tell("waybill", number, "exception", door, place=here, reason=dice.pick(("damaged", "shortage")))
            return
        if fate is Fate.REFUSED:
            self.tell(
                "waybill", number, "refused", door, place=here, reason=dice.pick(("damaged", "documents", "payment"))
            )
            self.tell("waybill", number, "returning", door + 5 * HOUR, place=here, next_place=origin.code)
            travel_s = drive_s(road_km(origin.city, destination.city))
            self.tell(
                "waybill",
                number,
                "returned",
                in_business_hours(door + 20 * HOUR + travel_s, dice),
                place=origin.code,
                signed_by="发货人",
            )
            return
        if fate is Fate.FAILED_ATTEMPT:
            self.tell(
                "waybill",
                number,
                "attempt_failed",
                door,
                place=here,
                reason=dice.pick(("closed", "uncontactable", "address")),
            )
            out = clock(day_of(door) + 1, 9)
            self.tell("waybill", number, "out_for_delivery", out, place=here, reason="redelivery")
            door = out + dice.between(60, 300) * 60
        self.tell("waybill", number, "delivered", door, place=here, reason="agent", signed_by=dice.pick(SIGNERS))
