"""A few shipments of every line in every status it can have, whatever the hour: so that nobody looks for one in vain."""

from huoji.core.demo import people
from huoji.core.demo.cargo import Cargo
from huoji.core.demo.journal import HOUR
from huoji.core.milestone import Line, Status

EACH = 2
GOODS = {Line.EXPRESS: people.EXPRESS_GOODS, Line.ROAD: people.ROAD_GOODS, Line.OCEAN: people.OCEAN_GOODS}

START = (("awaiting_pickup", 30.0), ("picked_up", 28.0))
ON_THE_WAY = (*START, ("arrived", 24.0), ("sorted", 22.0), ("departed", 20.0))
AT_DESTINATION = (*ON_THE_WAY, ("arrived_dest", 9.0))
AT_THE_DOOR = (*AT_DESTINATION, ("out_for_delivery", 6.0))

# (milestone, hours before now) or, with a reason, (milestone, hours before now, reason)
Step = tuple[str, float] | tuple[str, float, str]
HISTORIES: dict[Status, tuple[Step, ...]] = {
    Status.CREATED: (),
    Status.AWAITING_PICKUP: (("awaiting_pickup", 1.5),),
    Status.PICKED_UP: (("awaiting_pickup", 4.0), ("picked_up", 1.0)),
    Status.SORTING: (*START[:1], ("picked_up", 9.0), ("arrived", 4.0), ("sorted", 2.0)),
    Status.IN_TRANSIT: (*START, ("arrived", 24.0), ("departed", 3.0)),
    Status.ARRIVED_DEST: (*ON_THE_WAY, ("arrived_dest", 2.0)),
    Status.OUT_FOR_DELIVERY: (*AT_DESTINATION, ("out_for_delivery", 1.5)),
    Status.AT_PICKUP_POINT: (*AT_THE_DOOR, ("at_pickup_point", 3.0)),
    Status.ATTEMPT_FAILED: (*AT_THE_DOOR, ("attempt_failed", 2.0, "absent")),
    Status.DELIVERED: (*AT_THE_DOOR, ("delivered", 2.5, "self")),
    Status.REFUSED: (*AT_THE_DOOR, ("refused", 1.0, "damaged")),
    Status.RETURNING: (*AT_THE_DOOR, ("refused", 4.0, "other"), ("returning", 1.0)),
    Status.RETURNED: (*ON_THE_WAY, ("refused", 18.0, "other"), ("returning", 16.0), ("returned", 2.0)),
    Status.EXCEPTION: (*ON_THE_WAY, ("exception", 3.0, "damaged")),
    Status.CANCELLED: (("awaiting_pickup", 8.0), ("cancelled", 6.0)),
}
AT_SEA: dict[Status, tuple[Step, ...]] = {
    Status.CREATED: (("booked", 5.0),),
    Status.AWAITING_PICKUP: (("booked", 90.0), ("empty_picked_up", 3.0)),
    Status.PICKED_UP: (("booked", 120.0), ("empty_picked_up", 30.0), ("stuffed", 4.0)),
    Status.IN_TRANSIT: (("booked", 300.0), ("stuffed", 200.0), ("gate_in", 190.0), ("loaded", 170.0), ("departed", 160.0)),
    Status.CUSTOMS: (("stuffed", 300.0), ("departed", 260.0), ("arrived", 30.0), ("unloaded", 20.0), ("customs_started", 5.0)),
    Status.ARRIVED_DEST: (("stuffed", 400.0), ("departed", 360.0), ("arrived", 90.0), ("customs_cleared", 50.0), ("arrived_dest", 6.0)),
    Status.OUT_FOR_DELIVERY: (("stuffed", 400.0), ("departed", 360.0), ("arrived", 90.0), ("arrived_dest", 20.0), ("out_for_delivery", 2.0)),
    Status.DELIVERED: (("stuffed", 400.0), ("departed", 360.0), ("arrived", 90.0), ("arrived_dest", 30.0), ("delivered", 3.0, "agent")),
    Status.EXCEPTION: (("stuffed", 400.0), ("departed", 360.0), ("arrived", 60.0), ("exception", 8.0, "damaged")),
    Status.CANCELLED: (("booked", 60.0), ("cancelled", 20.0)),
}  # fmt: skip


def hang(cargo: Cargo) -> None:
    """Make the shipments of the gallery."""
    for line, histories in ((Line.EXPRESS, HISTORIES), (Line.ROAD, HISTORIES), (Line.OCEAN, AT_SEA)):
        for steps in histories.values():
            for _ in range(EACH):
                _ship(cargo, line, steps)


def _ship(cargo: Cargo, line: Line, steps: tuple[Step, ...]) -> None:
    dice, now = cargo.dice, cargo.now
    shift = dice.between(0, 1500)
    before = max((step[1] for step in steps), default=1.0)
    at = now - int((before + 4) * HOUR) - shift
    origin, destination = dice.pick(cargo.network.outlets), dice.pick(cargo.network.outlets)
    here, there, mode = ("CNSHA", "SGSIN", "sea") if line is Line.OCEAN else (origin.code, destination.code, "road")
    customer = dice.pick(cargo.customers)
    number = cargo.place(
        line=line.value, at=at, origin=here, destination=there, goods=dice.pick(GOODS[line]), weight_kg=dice.between(10, 9_000),
        parties=cargo.parties(origin, destination, customer=customer), customer=customer,
        promised=now + dice.between(6, 40) * HOUR,
    )  # fmt: skip
    for milestone, hours, *reason in steps:
        place = (
            here
            if milestone
            in ("awaiting_pickup", "picked_up", "departed", "booked", "stuffed", "gate_in", "loaded", "returned")
            else there
        )
        cargo.journal.tell(
            "waybill", number, milestone, now - int(hours * HOUR) - shift, place=place, mode=mode,
            reason="".join(reason), signed_by="本人" if milestone in ("delivered", "returned") else "",
        )  # fmt: skip
