"""The invented carrier's sites, the ways between them, and the trucks that run them by a timetable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import asin, ceil, cos, radians, sin, sqrt

from huoji.core.cities import CITIES, PORTS, City
from huoji.core.demo.dice import Dice
from huoji.core.demo.journal import HOUR, Journal, clock, day_of
from huoji.core.demo.model import TRUCKS, LaneFacts, Passage
from huoji.core.demo.people import office_phone
from huoji.core.milestone import Mode
from huoji.core.place import SiteDraft, SiteKind

HUB_CITIES = ("SHA", "BJS", "CAN", "WUH", "CTU", "XIY", "HGH", "CGO", "SHE", "TNA", "CSX", "CKG")
GATEWAYS = ("SHA", "WUH", "BJS")  # every hub has a truck to these; the others go through them when far apart
OUTLET_CITIES = (
    "TSN", "SJW", "NKG", "SZV", "WUX", "NGB", "WNZ", "HFE", "FOC", "XMN", "KHN", "TAO", "SZX", "DGM", "FUO", "NNG", "KWE",
    "KMG", "HRB", "CGQ",
)  # fmt: skip
WAREHOUSE_CITIES = ("SHA", "CAN", "WUH", "TSN")
PICKUP_CITIES = ("SHA", "BJS", "CAN", "WUH", "CTU", "HGH")
DIRECT_KM_MAX = 600
ROAD_FACTOR = 1.25  # how much longer a road is than the crow's way
ROAD_KMH = 65
HANDLING_S = 2 * HOUR  # unloading and sorting
LATE_PERCENT, BREAKDOWN_PERCENT, BREAKDOWN_KM_MIN = 4, 0.5, 200
REST_EVERY_H, REST_H = 4, 1 / 3  # law: 20 minutes after 4 hours at the wheel
EARTH_KM = 6_371
PLATE_CITIES = {
    "SHA": "沪A", "BJS": "京A", "CAN": "粤A", "WUH": "鄂A", "CTU": "川A", "XIY": "陕A", "HGH": "浙A", "CGO": "豫A", "SHE": "辽A", "TNA": "鲁A",
    "CSX": "湘A", "CKG": "渝A",
}  # fmt: skip
BY_CODE: Mapping[str, City] = {city.code: city for city in CITIES}


def crow_km(one: City, other: City) -> float:
    """Return the great-circle distance."""
    lat1, lon1, lat2, lon2 = map(radians, (one.lat, one.lon, other.lat, other.lon))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def road_km(one: City, other: City) -> int:
    return max(12, round(crow_km(one, other) * ROAD_FACTOR))


def drive_s(km: float) -> int:
    """Return how long a lorry takes, with the driver's rests."""
    hours = km / ROAD_KMH
    return int((hours + int(hours / REST_EVERY_H) * REST_H) * HOUR)


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the network, its city, and the district it serves (an outlet; the others have the whole city)."""

    code: str
    city: City
    district: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """One run of a truck."""

    number: str
    departs: int
    arrives: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A way that a truck runs every day at the same hour."""

    origin: Site
    destination: Site
    km: int
    hour: float
    trucks: tuple[str, ...]
    turn: int  # days until a truck that went out stands at the other end


def hub_of(city: City) -> str:
    """Return the code of the hub city that serves a city."""
    return min(HUB_CITIES, key=lambda code: crow_km(BY_CODE[code], city))


@dataclass(slots=True)
class Network:
    """Sites, lanes and the trips that were made."""

    dice: Dice
    journal: Journal
    hubs: dict[str, Site] = field(default_factory=dict)
    outlets: list[Site] = field(default_factory=list)
    warehouses: list[Site] = field(default_factory=list)
    pickups: dict[str, Site] = field(default_factory=dict)
    drafts: list[SiteDraft] = field(default_factory=list)
    lanes: dict[tuple[str, str], Lane] = field(default_factory=dict)
    plates: list[str] = field(default_factory=list)
    trips: dict[tuple[str, str, int], Trip] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)

    def build(self) -> None:
        """Put up the sites and the lanes."""
        for code in HUB_CITIES:
            self.hubs[code] = self._site(BY_CODE[code], "HUB", SiteKind.HUB, "分拨中心", "Hub")
        for code in (*HUB_CITIES, *HUB_CITIES, *OUTLET_CITIES):
            self._outlet(BY_CODE[code])
        for code in WAREHOUSE_CITIES:
            self.warehouses.append(self._site(BY_CODE[code], "WH", SiteKind.WAREHOUSE, "仓库", "Warehouse"))
        for code in PICKUP_CITIES:
            self.pickups[code] = self._site(BY_CODE[code], "PP", SiteKind.PICKUP_POINT, "云帆驿站", "Pickup Point")
        for port in PORTS:
            self.drafts.append(
                SiteDraft(
                    code=port.locode, name=port.name, name_en=port.name_en, kind=SiteKind.PORT, locode=port.locode, lat=port.lat,
                    lon=port.lon, time_zone=port.time_zone,
                )
            )  # fmt: skip
        for outlet in self.outlets:
            self._both_ways(outlet, self.hubs[hub_of(outlet.city)], hours=(19.5, 5.0))
        codes = list(HUB_CITIES)
        for index, one in enumerate(codes):
            for other in codes[index + 1 :]:
                if one in GATEWAYS or other in GATEWAYS or road_km(BY_CODE[one], BY_CODE[other]) <= DIRECT_KM_MAX:
                    hours = (self.dice.between(4, 18) / 4, self.dice.between(4, 18) / 4)
                    self._both_ways(self.hubs[one], self.hubs[other], hours=hours)

    def _site(self, city: City, suffix: str, kind: SiteKind, name: str, name_en: str, district: str = "") -> Site:
        code = f"{city.code}-{suffix}"
        self.drafts.append(
            SiteDraft(
                code=code, name=f"{city.name}{name}", name_en=f"{city.name_en} {name_en}", kind=kind, area=city.area,
                lat=round(city.lat + self.dice.between(-40, 40) / 1000, 3), lon=round(city.lon + self.dice.between(-40, 40) / 1000, 3),
                time_zone="Asia/Shanghai", phone=office_phone(self.dice),
            )
        )  # fmt: skip
        return Site(code, city, district)

    def _outlet(self, city: City) -> None:
        index = sum(outlet.city is city for outlet in self.outlets)
        district = city.districts[index % len(city.districts)]
        short = district.removesuffix("新区").removesuffix("区")
        name, name_en = f"{short}网点", f"Outlet {index + 1}"
        self.outlets.append(self._site(city, f"{index + 1:02d}", SiteKind.OUTLET, name, name_en, district))

    def _both_ways(self, one: Site, other: Site, *, hours: tuple[float, float]) -> None:
        km = road_km(one.city, other.city)
        out, back = self._turn(km, *hours), self._turn(km, *reversed(hours))
        trucks = tuple(self.plate(one.city) for _ in range(out + back))
        self.lanes[one.code, other.code] = Lane(one, other, km, hours[0], trucks, 0)
        self.lanes[other.code, one.code] = Lane(other, one, km, hours[1], trucks, out)

    @staticmethod
    def _turn(km: int, leaves: float, returns: float) -> int:
        """Return after how many days a truck that leaves at one hour may leave at the other."""
        return max(0, ceil((leaves + drive_s(km) * 1.1 / HOUR + 3 - returns) / 24))

    def plate(self, city: City) -> str:
        """Return a plate that no truck can have: the letters I and O, which look like digits, are never given in the serial."""
        start = PLATE_CITIES[hub_of(city)]
        number = len(self.plates)
        made = f"{start}{'IO'[number % 2]}{(number * 7919 + 1031) % 10_000:04d}"
        self.plates.append(made)
        return made

    def spare_plates(self) -> list[str]:
        """Return the plates of the trucks that run no timetable, up to the size of the fleet."""
        known = len(self.plates)
        assert known < TRUCKS
        return [self.plate(self.dice.pick(self.outlets).city) for _ in range(TRUCKS - known)]

    def path(self, origin: Site, destination: Site) -> list[Site]:
        """Return the sites that cargo passes, both ends included."""
        first, last = hub_of(origin.city), hub_of(destination.city)
        middle = [self.hubs[first]]
        if first != last:
            if (self.hubs[first].code, self.hubs[last].code) not in self.lanes:
                middle.append(self.hubs[min(GATEWAYS, key=lambda code: self._detour(first, code, last))])
            middle.append(self.hubs[last])
        return [origin, *middle, destination]

    @staticmethod
    def _detour(first: str, through: str, last: str) -> float:
        return crow_km(BY_CODE[first], BY_CODE[through]) + crow_km(BY_CODE[through], BY_CODE[last])

    def trip(self, origin: Site, destination: Site, *, ready: int) -> Trip:
        """Return the first run on a lane after cargo is ready, and tell its departure and arrival."""
        lane = self.lanes[origin.code, destination.code]
        day = day_of(ready)
        if clock(day, lane.hour) < ready:
            day += 1
        known = self.trips.get((origin.code, destination.code, day))
        if known is None:
            known = self.trips[origin.code, destination.code, day] = self._run(lane, day)
        return known

    def _run(self, lane: Lane, day: int) -> Trip:
        dice = self.dice
        planned = clock(day, lane.hour)
        departs = planned + dice.between(0, 25) * 60
        arrives = departs + int(drive_s(lane.km) * dice.between(94, 110) / 100)
        broken = lane.km >= BREAKDOWN_KM_MIN and dice.chance(BREAKDOWN_PERCENT)
        if broken or dice.chance(LATE_PERCENT):
            late = dice.between(60, 210) * 60
            arrives += late
            departs += 0 if broken or dice.chance(50) else late
        plate = lane.trucks[(day - lane.turn) % len(lane.trucks)]
        number = f"{plate}/{day_name(day)}{'A' if lane.turn == 0 else 'B'}"
        self.tell_trip(
            number,
            lane.origin.code,
            lane.destination.code,
            departs=departs,
            arrives=arrives,
            planned=planned + drive_s(lane.km),
            broken=broken,
        )
        return Trip(number, departs, arrives)

    def planned_arrival(self, path: Sequence[Site], *, ready: int) -> int:
        """Return when cargo would be at the end of a way if every truck kept its time."""
        at = ready
        for here, there in pairwise(path):
            lane = self.lanes[here.code, there.code]
            day = day_of(at)
            day += clock(day, lane.hour) < at
            at = clock(day, lane.hour) + drive_s(lane.km) + HANDLING_S
        return at

    def tell_trip(
        self, number: str, here: str, there: str, *, departs: int, arrives: int, planned: int, broken: bool
    ) -> None:
        """Tell what a truck does between two sites."""
        self.passages.append(Passage("trip", number, here, there, departs, arrives, planned))
        tell = self.journal.tell
        tell("trip", number, "departed", departs, place=here, next_place=there)
        expected = max(planned, departs + 600) if arrives - planned < HOUR else arrives - 900
        tell("trip", number, "arrived", expected, place=there, classifier="EST", told_at=departs + 60)
        if broken:
            tell(
                "trip",
                number,
                "exception",
                departs + (arrives - departs) // 3,
                reason="delayed",
                note="车辆故障,等待救援",
            )
            tell("trip", number, "resolved", departs + (arrives - departs) * 2 // 3)
        tell("trip", number, "arrived", arrives, place=there)

    def lane_facts(self) -> tuple[LaneFacts, ...]:
        return tuple(
            LaneFacts(
                origin=lane.origin.code, destination=lane.destination.code, mode=Mode.ROAD, planned_min=drive_s(lane.km) // 60,
                distance_km=lane.km,
            )
            for lane in self.lanes.values()
        )  # fmt: skip


def day_name(day: int) -> str:
    """Return a day, counted from 1970, as YYMMDD."""
    return (date(1970, 1, 1) + timedelta(days=day)).strftime("%y%m%d")
