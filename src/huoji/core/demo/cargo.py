"""What every invented shipment has: a number, parties, times, and the way it is carried through the network."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from huoji.core.demo import people
from huoji.core.demo.dice import Dice
from huoji.core.demo.journal import DAY, HOUR, Journal, clock, day_of
from huoji.core.demo.model import DAYS, CustomerFacts, Placed
from huoji.core.demo.network import Network, Site, Trip
from huoji.core.draft import Draft, Leg, PartyTold
from huoji.core.moment import CHINA_MIN, Moment
from huoji.core.report import identity

OPENS, CLOSES = 8.5, 20.0  # business hours of outlets
SORT_S = 75 * 60


def moment(at: int, *, offset_min: int = CHINA_MIN) -> Moment:
    return Moment(datetime.fromtimestamp(at, UTC), offset_min=offset_min)


def in_business_hours(at: int, dice: Dice) -> int:
    """Return the instant, or a little after the next opening when outlets are closed then."""
    day = day_of(at)
    if at < clock(day, OPENS):
        return clock(day, OPENS) + dice.between(5, 50) * 60
    if at > clock(day, CLOSES):
        return clock(day + 1, OPENS) + dice.between(5, 50) * 60
    return at


class Cargo:
    """The making of shipments: shared by the three lines."""

    def __init__(
        self,
        *,
        dice: Dice,
        journal: Journal,
        network: Network,
        customers: tuple[CustomerFacts, ...],
        numbers: Iterator[str],
    ) -> None:
        self.dice, self.journal, self.network, self.customers, self.numbers = dice, journal, network, customers, numbers
        self.placed: list[Placed] = []
        self.now = journal.now
        self.names = {site.code: site.name for site in network.drafts}  # people name places, and each name means one

    def ordered_at(self, *, days: int = DAYS) -> int:
        """Return a believable instant of the last days at which somebody orders, never after now."""
        dice = self.dice
        day = day_of(self.now) - dice.below(days)
        hour = 8 + (dice.below(1200) + dice.below(1200)) / 200
        at = clock(day, hour) + dice.below(60)
        return at if at <= self.now else at - DAY

    def parties(self, origin: Site, destination: Site, *, customer: CustomerFacts | None) -> tuple[PartyTold, ...]:
        dice = self.dice
        shipper = (
            PartyTold(role="shipper", name=customer.name, phone=customer.phone, address=customer.address)
            if customer
            else PartyTold(
                role="shipper",
                name=people.person(dice),
                phone=people.phone(dice),
                address=people.address(dice, origin.city, origin.district),
            )
        )
        consignee = PartyTold(
            role="consignee",
            name=people.person(dice),
            phone=people.phone(dice),
            address=people.address(dice, destination.city, destination.district),
        )
        return shipper, consignee

    def place(
        self, *, line: str, at: int, origin: str, destination: str, goods: str, parties: tuple[PartyTold, ...],
        promised: int, pieces: int = 1, weight_kg: int, customer: CustomerFacts | None = None, legs: tuple[Leg, ...] = (),
        references: tuple[tuple[str, str], ...] = (), links: tuple[tuple[str, str], ...] = (), remark: str = "",
        promised_offset_min: int = CHINA_MIN,
    ) -> str:  # fmt: skip
        """Put a shipment into the books and return its number."""
        number = next(self.numbers)
        draft = Draft(
            line=line, number=number, order=f"DM{at:x}{len(self.placed):04d}".upper(), customer=customer.code if customer else "",
            parties=parties, goods=goods, pieces=pieces, weight_kg=Decimal(weight_kg) / 10,
            volume_m3=Decimal(weight_kg * self.dice.between(4, 9)) / 10_000, remark=remark,
            origin=self.names[origin], destination=self.names[destination],
            placed=moment(at), promised=moment(promised, offset_min=promised_offset_min), references=references, legs=legs,
            links=links, digest=identity("demo", number),
        )  # fmt: skip
        self.placed.append(Placed(at, draft))
        return number

    def carry(
        self, number: str, path: list[Site], *, ready: int, until: int | None = None, tell_sorted: bool = True
    ) -> int:
        """Carry a waybill from site to site by the timetable; return when it is unloaded at the end (or where it stalls).

        `until` is the index of the site behind which nothing is heard any more.
        """
        at = ready
        for index, (here, there) in enumerate(pairwise(path)):
            if until is not None and index >= until:
                return at
            trip = self.network.trip(here, there, ready=at)
            at = self._ride(number, here, there, trip, ready=at)
            if tell_sorted and index + 2 < len(path):
                at += self.dice.between(15, 70) * 60
                self.journal.tell("waybill", number, "sorted", at, place=there.code, next_place=path[index + 2].code)
            at += SORT_S // 3
        return at

    def _ride(self, number: str, here: Site, there: Site, trip: Trip, *, ready: int) -> int:
        tell, dice, holder = self.journal.tell, self.dice, ("trip", trip.number)
        loaded = max(ready, trip.departs - dice.between(5, 50) * 60)
        tell(
            "waybill",
            number,
            "loaded",
            loaded,
            place=here.code,
            next_place=there.code,
            holder=holder,
        )
        unloaded = trip.arrives + dice.between(10, 80) * 60
        tell("waybill", number, "unloaded", unloaded, place=there.code, holder=holder)
        return unloaded

    def delivery_day(self, at: int) -> int:
        """Return when the courier sets out with what was unloaded then: the morning or afternoon round."""
        day = day_of(at)
        for round_hour in (8.75, 14.0):
            if at + HOUR // 2 <= clock(day, round_hour):
                return clock(day, round_hour) + self.dice.between(0, 30) * 60
        return clock(day + 1, 8.75) + self.dice.between(0, 30) * 60
