"""The express line (快运快递): from door to door through outlets and hubs in one to three days."""

from huoji.core.demo import people
from huoji.core.demo.cargo import Cargo, in_business_hours
from huoji.core.demo.fate import EXPRESS, Fate, draw
from huoji.core.demo.journal import DAY, HOUR, clock, day_of
from huoji.core.demo.network import Site

SIGNERS = ("本人", "家人", "门卫", "前台", "同事")
FAILURES = ("absent", "uncontactable", "address", "closed", "phone")


class Express:
    """Makes one express shipment after another."""

    def __init__(self, cargo: Cargo) -> None:
        self.cargo, self.dice, self.tell = cargo, cargo.dice, cargo.journal.tell

    def ship(self) -> None:
        """Make one shipment with whatever happens to it."""
        dice, cargo = self.dice, self.cargo
        origin, destination = dice.pick(cargo.network.outlets), dice.pick(cargo.network.outlets)
        at = cargo.ordered_at()
        path = cargo.network.path(origin, destination) if origin.city is not destination.city else [origin, destination]
        number = self._place(at, path)
        fate = draw(dice, EXPRESS)
        if fate is Fate.CANCELLED:
            self._cancel(number, origin, at)
            return
        picked = in_business_hours(at + dice.between(30, 330) * 60, dice)
        self.tell("waybill", number, "awaiting_pickup", at + dice.between(2, 20) * 60, place=origin.code)
        if fate is Fate.PICKUP_FAILED:
            self.tell("waybill", number, "pickup_failed", picked, place=origin.code, reason="absent")
            picked = in_business_hours(picked + 20 * HOUR, dice)
        self.tell("waybill", number, "picked_up", picked, place=origin.code)
        self._travel(number, path, picked, fate)

    def _place(self, at: int, path: list[Site]) -> str:
        dice, cargo, origin, destination = self.dice, self.cargo, path[0], path[-1]
        customer = dice.pick(cargo.customers) if dice.chance(55) else None
        pieces = dice.between(2, 5) if dice.chance(7) else 1
        promised = self._promise(at, path)
        return cargo.place(
            line="express", at=at, origin=origin.code, destination=destination.code, goods=dice.pick(people.EXPRESS_GOODS),
            parties=cargo.parties(origin, destination, customer=customer), promised=promised, pieces=pieces,
            weight_kg=dice.between(3, 150) * pieces, customer=customer,
        )  # fmt: skip

    def _promise(self, at: int, path: list[Site]) -> int:
        """Return the evening on which it should be there by the timetable, fetched on the day of the order if before 14:00."""
        day = day_of(at)
        fetched = clock(day, 18) if at < clock(day, 14) else clock(day + 1, 18)
        if len(path) == len(("origin", "destination")):
            return fetched + DAY
        arrives = self.cargo.network.planned_arrival(path, ready=fetched)
        return clock(day_of(arrives) + (arrives > clock(day_of(arrives), 13)), 20)

    def _cancel(self, number: str, origin: Site, at: int) -> None:
        self.tell("waybill", number, "awaiting_pickup", at + 600, place=origin.code)
        self.tell("waybill", number, "cancelled", at + self.dice.between(20, 200) * 60, place=origin.code)

    def _travel(self, number: str, path: list[Site], picked: int, fate: Fate) -> None:
        """Carry it to the last outlet, with the mishaps of the way, and deliver it."""
        dice = self.dice
        if len(path) == len(("origin", "destination")):
            at = picked + dice.between(60, 240) * 60
            self.tell("waybill", number, "arrived_dest", at, place=path[-1].code)
            self._deliver(number, path, at, fate)
            return
        stalls = 1 + dice.below(len(path) - 1) if fate is Fate.STALLED else None
        if fate is Fate.MISSORTED:
            path = self._astray(path)
        at = self.cargo.carry(number, path, ready=picked + HOUR, until=stalls)
        if stalls is not None:
            return
        if fate is Fate.DAMAGED:
            self.tell("waybill", number, "exception", at, place=path[-1].code, reason="damaged")
            if dice.chance(60):
                at += dice.between(2, 9) * HOUR
                self.tell("waybill", number, "resolved", at, place=path[-1].code)
            else:
                return
        if fate is Fate.LOST:
            self.tell("waybill", number, "exception", at + DAY, place=path[-1].code, reason="lost")
            return
        if fate is Fate.FORWARDED:
            self._forward(number, path, at)
            return
        self.tell("waybill", number, "arrived_dest", at, place=path[-1].code)
        self._deliver(number, path, at, fate)

    def _astray(self, path: list[Site]) -> list[Site]:
        """Return the way with a detour to a hub that the cargo had no business in."""
        lanes = self.cargo.network.lanes
        wrong = [
            hub for hub in self.cargo.network.hubs.values() if hub not in path and (path[1].code, hub.code) in lanes
        ]
        return [*path[:2], self.dice.pick(wrong), *path[1:]]

    def _deliver(self, number: str, path: list[Site], at: int, fate: Fate) -> None:
        """Bring it to the door, the pickup point, or back."""
        dice, outlet = self.dice, path[-1]
        out = self.cargo.delivery_day(at)
        self.tell("waybill", number, "out_for_delivery", out, place=outlet.code)
        door = out + dice.between(30, 420) * 60
        if fate is Fate.REFUSED:
            self.tell(
                "waybill", number, "refused", door, place=outlet.code, reason="damaged" if dice.chance(30) else "other"
            )
            self._return(number, path, door)
            return
        if fate is Fate.FAILED_ATTEMPT:
            self.tell("waybill", number, "attempt_failed", door, place=outlet.code, reason=dice.pick(FAILURES))
            out = clock(day_of(door) + 1, 8.75) + dice.between(0, 40) * 60
            self.tell("waybill", number, "out_for_delivery", out, place=outlet.code, reason="redelivery")
            door = out + dice.between(30, 420) * 60
        if fate is Fate.PICKUP_POINT and outlet.city.code in self.cargo.network.pickups:
            self._at_point(number, outlet.city.code, door)
            return
        self._sign(number, outlet, door)

    def _at_point(self, number: str, city: str, at: int) -> None:
        point = self.cargo.network.pickups[city].code
        self.tell("waybill", number, "at_pickup_point", at, place=point)
        if self.dice.chance(4):
            self.tell("waybill", number, "exception", at + 7 * DAY, place=point, reason="overdue")
            return
        collected = in_business_hours(at + self.dice.between(3, 40) * HOUR, self.dice)
        self.tell("waybill", number, "delivered", collected, place=point, reason="point", signed_by="本人")

    def _sign(self, number: str, outlet: Site, door: int) -> None:
        """Have it signed for; of several pieces some may come a day later."""
        dice = self.dice
        draft = self.cargo.placed[-1].draft
        signer = dice.pick(SIGNERS)
        reason = "self" if signer == SIGNERS[0] else "agent"
        if draft.number == number and draft.pieces > 1 and dice.chance(50):
            for piece in range(1, draft.pieces + 1):
                later = DAY * dice.below(2) if piece > 1 else 0
                self.tell(
                    "waybill", number, "delivered", door + later + piece * 60, place=outlet.code, reason=reason, piece=str(piece),
                    signed_by=signer,
                )  # fmt: skip
            return
        self.tell("waybill", number, "delivered", door, place=outlet.code, reason=reason, signed_by=signer)

    def _return(self, number: str, path: list[Site], at: int) -> None:
        """Send it back under the same number."""
        start = at + self.dice.between(2, 5) * HOUR
        self.tell("waybill", number, "returning", start, place=path[-1].code, next_place=path[0].code)
        back = start
        if len(path) > len(("origin", "destination")):
            back = self.cargo.carry(number, path[::-1], ready=start, tell_sorted=False)
        out = self.cargo.delivery_day(back)
        self.tell(
            "waybill", number, "returned", out + self.dice.between(30, 300) * 60, place=path[0].code, signed_by="寄件人"
        )

    def _forward(self, number: str, path: list[Site], at: int) -> None:
        """Send it on to another address under a new number, tied to the old one."""
        cargo, old = self.cargo, self.cargo.placed[-1].draft
        target = self.dice.pick(cargo.network.outlets)
        if not self.tell(
            "waybill", number, "forwarded", at, place=path[-1].code, next_place=target.code, reason="moved"
        ):
            return
        new = cargo.place(
            line="express", at=at, origin=path[-1].code, destination=target.code, goods=old.goods,
            parties=(old.parties[0], *cargo.parties(path[-1], target, customer=None)[1:]),
            promised=clock(day_of(at) + 4, 18), weight_kg=30, links=(("forward_of", number),),
        )  # fmt: skip
        self.tell("waybill", new, "picked_up", at + 300, place=path[-1].code)
        on = cargo.network.path(path[-1], target) if path[-1].city is not target.city else [path[-1], target]
        self._travel(new, on, at + 600, Fate.SMOOTH)
