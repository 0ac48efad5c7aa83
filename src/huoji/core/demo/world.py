"""Put the demonstration together: sites, people, ships, and a month of shipments with all that happens to them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from huoji.core.cities import PORTS
from huoji.core.demo import gallery, people
from huoji.core.demo.cargo import Cargo
from huoji.core.demo.dice import Dice
from huoji.core.demo.express import Express
from huoji.core.demo.journal import Journal
from huoji.core.demo.model import WAYBILLS, StaffFacts, World
from huoji.core.demo.network import BY_CODE, HUB_CITIES, Network
from huoji.core.demo.ocean import Ocean, vessels, voyage_label
from huoji.core.demo.road import Road

ROAD_SHARE, OCEAN_SHARE = 0.24, 0.08
NUMBERS_MIN = WAYBILLS + 200  # what is forwarded gets a number more

OFFICE = (
    ("cs_manager", "客户服务部", 1), ("cs_supervisor", "客户服务部", 2), ("cs_agent", "客户服务部", 5), ("cs_chief_clerk", "客户服务部", 1),
    ("general_manager", "总经办", 1), ("vp_in_charge", "总经办", 1), ("dept_manager", "运营部", 2), ("dept_clerk", "运营部", 1), ("dispatch", "调度中心", 3),
    ("finance", "财务部", 1), ("it_admin", "信息部", 1),
)  # fmt: skip
FIELD = (("warehouse", "仓储部", 2), ("outlet", "网点管理部", 3), ("courier", "网点管理部", 4), ("driver", "车队", 2))


def generate(*, seed: int, now: datetime, numbers: Sequence[str], waybills: int = WAYBILLS) -> World:
    """Return the demonstration as it stands now: the same seed, instant and numbers give the same, to the last letter.

    `numbers` are the carrier's own unused waybill numbers, at least NUMBERS_MIN for the full size.
    """
    dice = Dice(f"huoji {seed}")
    journal = Journal(now=int(now.timestamp()))
    network = Network(dice, journal)
    network.build()
    cities = tuple(BY_CODE[code] for code in HUB_CITIES)
    cargo = Cargo(
        dice=dice, journal=journal, network=network, customers=people.customers(dice, cities), numbers=iter(numbers)
    )
    gallery.hang(cargo)
    ocean, road, express = Ocean(cargo), Road(cargo, plates=network.spare_plates()), Express(cargo)
    for ship, count in (
        (ocean.ship, int(waybills * OCEAN_SHARE)),
        (road.ship, int(waybills * ROAD_SHARE)),
    ):
        for _ in range(count):
            ship()
    while len(cargo.placed) < waybills:
        express.ship()
    return World(
        sites=tuple(network.drafts),
        aliases={alias: port.locode for port in PORTS for alias in port.aliases},
        lanes=network.lane_facts(),
        trucks=tuple(network.plates),
        vessels=vessels(),
        customers=cargo.customers,
        staff=tuple(staff(dice, network)),
        voyages={call.voyage: voyage_label(call.voyage) for calls in ocean.calls for call in calls},
        shipments=tuple(sorted(cargo.placed, key=lambda each: (each.at, each.draft.number))),
        reports=journal.sorted(),
        handled=tuple(sorted(each for each in road.store.handled if each.at <= journal.now)),
        passages=tuple(network.passages),
    )


def staff(dice: Dice, network: Network) -> Iterator[StaffFacts]:
    """Yield somebody for every role; those of the field each have their sites."""
    number = 9000
    for role, department, count in OFFICE:
        for _ in range(count):
            number += 1
            yield StaffFacts(number=f"D{number}", name=people.person(dice), role=role, department=department)
    for role, department, count in FIELD:
        sites = network.warehouses if role == "warehouse" else network.outlets
        for index in range(count):
            number += 1
            yield StaffFacts(
                number=f"D{number}", name=people.person(dice), role=role, department=department,
                sites=(sites[index % len(sites)].code,),
            )  # fmt: skip
