"""Two trucks, a vessel and their terminals for the tests of movement, over the small carrier of the desk."""

from dataclasses import dataclass
from datetime import timedelta

from huoji.apps.fleet.actions.storing import PointIn, store
from huoji.apps.fleet.models import Conveyance, Terminal
from huoji.apps.places.actions import put_site
from huoji.core.draft import ShipmentTold
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.position import Point
from huoji.core.report import Name, Told
from huoji.kit import outbox
from tests.apps.shipments import desk_world
from tests.apps.shipments.desk_world import SYSTEM, World

SITES = {
    "SHQP": ("上海青浦分拨中心", "Shanghai Qingpu hub", SiteKind.HUB, 31.15, 121.12),
    "WUH": ("武汉分拨中心", "Wuhan hub", SiteKind.HUB, 30.62, 114.12),
    "CDJJ": ("成都锦江营业部", "Chengdu Jinjiang outlet", SiteKind.OUTLET, 30.65, 104.08),
}
PLATE = "沪A12345"
TRIP = f"{PLATE}/1126"
VOYAGE = "IMO9074729/025W"
NUMBER = "HJMOVE0001"


@dataclass
class Moving:
    """The world with what moves in it."""

    world: World
    truck_id: int
    other_id: int
    vessel_id: int
    terminals: dict[str, int]

    @property
    def now(self):
        return self.world.now

    def relay(self):
        """Let the worker's relay handle all that was published."""
        while outbox.deliver(now=self.now + timedelta(days=1)):
            pass

    def load(self, number=NUMBER, *, trip=TRIP, minutes_ago=60):
        told = Told(
            number=number, occurred_at=self.world.ago(minutes=minutes_ago), milestone="loaded", holder=Name("trip", trip), place="SHQP"
        )  # fmt: skip
        self.world.tell(told)
        self.relay()

    def unload(self, number=NUMBER, *, trip=TRIP, minutes_ago=1):
        told = Told(
            number=number, occurred_at=self.world.ago(minutes=minutes_ago), milestone="unloaded", holder=Name("trip", trip), place="WUH"
        )  # fmt: skip
        self.world.tell(told)
        self.relay()

    def seen(self, who, lat, lon, *, seconds_ago=60, kmh=80, nav=None, **more):
        """Let a terminal report one point."""
        at = int(self.now.timestamp()) - seconds_ago
        point = Point(
            at=at, lat_e6=round(lat * 1e6), lon_e6=round(lon * 1e6), speed_dkmh=round(kmh * 10), course_deg=270, **more
        )  # fmt: skip
        digest = hash((at, lat, lon)) & (1 << 62) - 1
        item = PointIn(terminal_id=self.terminals[who], point=point, digest=digest, raw=b"raw", nav=nav)
        stored = store([item], source="test", now=self.now - timedelta(seconds=min(0, seconds_ago)))
        self.relay()
        return stored.outcomes


def build() -> Moving:
    """Make it; one parcel goes from Shanghai to Chengdu."""
    world = desk_world.build()
    for code, (name, name_en, kind, lat, lon) in SITES.items():
        put_site(SYSTEM, SiteDraft(code=code, name=name, name_en=name_en, kind=kind, lat=lat, lon=lon))
    truck = Conveyance.objects.create(kind="vehicle", plate=PLATE).pk
    other = Conveyance.objects.create(kind="vehicle", plate="鄂B67890").pk
    vessel = Conveyance.objects.create(kind="vessel", name="中远海运白羊座", name_en="COSCO ARIES", imo="9074729").pk
    terminals = {
        name: Terminal.objects.create(kind=kind, number=number, conveyance_id=conveyance).pk
        for name, kind, number, conveyance in (
            ("truck", "jt808", "13900000001", truck), ("other", "jt808", "13900000002", other), ("vessel", "ais", "477000001", vessel)
        )
    }  # fmt: skip
    shipment = ShipmentTold(line="road", number=NUMBER, goods="机械零件", origin="SHQP", destination="CDJJ")
    world.ship(shipment, at=world.now - timedelta(hours=6))
    moving = Moving(world=world, truck_id=truck, other_id=other, vessel_id=vessel, terminals=terminals)
    moving.relay()
    return moving
