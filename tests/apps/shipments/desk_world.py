"""A small carrier for the tests of the desk: two sites, three lines, a voyage, and everything that can go wrong once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from huoji.apps.places import actions as places
from huoji.apps.shipments.actions import recording, shipping, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Writing
from huoji.core import draft, report
from huoji.core.draft import LegTold, LinkTold, PartyTold, ShipmentTold
from huoji.core.milestones import meaning
from huoji.core.permission import system
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.report import Name, Told

SYSTEM = system("tests")
VOYAGE = Name("voyage", "IMO9074729/025W")
TRIP = Name("trip", "T-20261123-07")


@dataclass
class World:
    """What stands where, and how to tell more."""

    now: datetime
    sites: dict[str, int] = field(default_factory=dict)

    def ago(self, **span: float) -> str:
        return (self.now - timedelta(**span)).isoformat(timespec="seconds")

    def ship(self, *told: ShipmentTold, source: str = "order", at: datetime | None = None) -> list[str]:
        writing = Writing(actor=SYSTEM, source=sourcing.ensure(source), now=at or self.now)
        return [
            each.number for each in shipping.ship([draft.check(one, assumed_offset_min=480) for one in told], writing)
        ]

    def tell(self, *told: Told, source: str = "scan", at: datetime | None = None) -> list[Outcome]:
        writing = Writing(actor=SYSTEM, source=sourcing.ensure(source), now=at or self.now)
        checked = [report.check(each, source=source, assumed_offset_min=480, meaning=meaning) for each in told]
        return recording.record(checked, writing)


def site(world: World, code: str, name: str, name_en: str, kind: SiteKind) -> None:
    world.sites[code] = places.create_site(SYSTEM, SiteDraft(code=code, name=name, name_en=name_en, kind=kind))


PARTIES = (
    PartyTold(
        role="shipper", name="上海晨光纺织有限公司", phone="021-62345678", address="上海市徐汇区漕河泾路500号3楼"
    ),
    PartyTold(role="consignee", name="张三丰", phone="138 1234 5678", address="四川省成都市锦江区春熙路12号4单元502室"),
)


def build(now: datetime | None = None) -> World:
    """Make the world."""
    world = World(now=(now or datetime.now(UTC)).replace(microsecond=0))
    site(world, "SHQP", "上海青浦分拨中心", "Shanghai Qingpu hub", SiteKind.HUB)
    site(world, "WUH", "武汉分拨中心", "Wuhan hub", SiteKind.HUB)
    site(world, "CDJJ", "成都锦江营业部", "Chengdu Jinjiang outlet", SiteKind.OUTLET)
    express(world)
    road(world)
    ocean(world)
    odd(world)
    return world


def express(world: World) -> None:
    shipment = ShipmentTold(
        line="express", number="HJEXP0001", goods="纺织样品", pieces=1, weight_kg="2.35", origin="上海青浦分拨中心",
        destination="成都锦江营业部", parties=PARTIES, references=(Name("customer", "CG-88001"),), order="SO-1001",
        promised_at=(world.now + timedelta(hours=20)).isoformat(),
    )  # fmt: skip
    world.ship(shipment, at=world.now - timedelta(hours=33))
    world.tell(
        Told(number="HJEXP0001", occurred_at=world.ago(hours=31), milestone="picked_up", place="上海青浦分拨中心", id="a1"),
        Told(number="HJEXP0001", occurred_at=world.ago(hours=27), milestone="sorted", place="上海青浦分拨中心", id="a2"),
        Told(
            number="HJEXP0001", occurred_at=world.ago(hours=25), milestone="departed", place="上海青浦分拨中心",
            next_place="武汉分拨中心", id="a3", provider="kuaidi100", code="干线", text="快件已发往武汉分拨中心",
        ),
        Told(number="HJEXP0001", occurred_at=world.ago(hours=12), milestone="arrived", place="武汉分拨中心", id="a4"),
        Told(
            number="HJEXP0001", occurred_at=world.ago(minutes=3), milestone="departed", place="武汉分拨中心",
            next_place="成都锦江营业部", id="a5",
        ),
        Told(
            number="HJEXP0001", occurred_at=(world.now + timedelta(hours=26)).isoformat(), classifier="EST",
            milestone="delivered", place="成都锦江营业部", id="e1",
        ),
    )  # fmt: skip


def road(world: World) -> None:
    shipment = ShipmentTold(
        line="road", number="HJROAD0001", goods="机械零件", pieces=3, weight_kg=840, origin="武汉分拨中心",
        destination="成都锦江营业部", parties=PARTIES[1:],
        legs=(LegTold(mode="road", origin="武汉分拨中心", destination="成都锦江营业部", departs_at=world.ago(hours=130),
                      arrives_at=world.ago(hours=110), vehicle=TRIP),),
    )  # fmt: skip
    early = world.now - timedelta(hours=140)
    world.ship(shipment, at=early)
    world.tell(
        Told(number="HJROAD0001", occurred_at=world.ago(hours=132), milestone="loaded", holder=TRIP, place="武汉分拨中心"),
        Told(unit=TRIP, occurred_at=world.ago(hours=130), milestone="departed", place="武汉分拨中心"),
        at=early + timedelta(hours=10),
    )  # fmt: skip


def ocean(world: World) -> None:
    shipment = ShipmentTold(
        line="ocean", number="HJSEA0001", goods="家具", pieces=1, origin="上海洋山港", destination="Rotterdam",
        parties=(*PARTIES[:1], PartyTold(role="consignee", name="Van Dijk B.V.", phone="+31 10 1234567")),
        references=(Name("bill", "COSU6100250"), Name("container", "CSQU3054383"), Name("booking", "BK7788")),
    )  # fmt: skip
    world.ship(shipment, at=world.now - timedelta(days=15))
    world.tell(
        Told(number="HJSEA0001", occurred_at=world.ago(days=12), milestone="gate_in", place="上海洋山港"),
        Told(number="HJSEA0001", occurred_at=world.ago(days=10), milestone="loaded", holder=VOYAGE, place="上海洋山港", mode="sea"),
        Told(unit=VOYAGE, occurred_at=world.ago(days=9), milestone="departed", place="上海洋山港", mode="sea"),
        Told(unit=VOYAGE, occurred_at=world.ago(days=4), milestone="arrived", place="Singapore", mode="sea"),
        source="dcsa",
    )  # fmt: skip


def odd(world: World) -> None:
    world.ship(
        ShipmentTold(line="express", number="HJDONE0001", goods="文件", origin="武汉分拨中心", destination="上海青浦分拨中心", parties=PARTIES[1:]),
        ShipmentTold(line="express", number="HJBACK0001", goods="文件", origin="上海青浦分拨中心", destination="武汉分拨中心",
                     links=(LinkTold(relation="return_of", number="HJDONE0001"),)),
        ShipmentTold(line="express", number="HJNEW0001", goods="图书", pieces=2, origin="北京", destination="广州"),
        at=world.now - timedelta(hours=60),
    )  # fmt: skip
    world.tell(
        Told(number="HJDONE0001", occurred_at=world.ago(hours=50), milestone="picked_up", place="武汉分拨中心", id="d1"),
        Told(number="HJDONE0001", occurred_at=world.ago(hours=4), milestone="delivered", signed_by="张三丰", place="上海青浦分拨中心", id="d2"),
        Told(number="HJDONE0001", occurred_at=(world.now + timedelta(days=400)).isoformat(), milestone="sorted", id="future"),
        Told(number="HJDONE0001", occurred_at="1986-01-01T00:00:00+08:00", milestone="arrived", place="武汉分拨中心", id="ancient"),
        Told(number="HJBACK0001", occurred_at=world.ago(hours=3), milestone="exception", reason="damaged", place="上海青浦分拨中心"),
        Told(number="HJEXP00O1", occurred_at=world.ago(hours=30), milestone="arrived", place="武汉分拨中心", id="typo"),
        Told(number="HJEXP00017", occurred_at=world.ago(hours=6), milestone="arrived", place="武汉中转", id="typo2"),
    )  # fmt: skip
