"""Hand-built answers for the pages: every status, three lines, and what makes layouts break."""

from datetime import UTC, datetime, timedelta

from huoji.core.answer import Answer, Audience, Entry, Flag, Link, PartyView, Proof, StageState, Stop
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.moment import Moment, Precision

ACT, EST, PLN = Classifier.ACTUAL, Classifier.ESTIMATED, Classifier.PLANNED
DONE, CURRENT, AHEAD = StageState.DONE, StageState.CURRENT, StageState.AHEAD
STAGE_OF = {
    Status.CREATED: -1, Status.AWAITING_PICKUP: 0, Status.PICKED_UP: 0, Status.SORTING: 1, Status.OUT_FOR_DELIVERY: 3,
    Status.AT_PICKUP_POINT: 3, Status.ATTEMPT_FAILED: 3, Status.DELIVERED: 5, Status.REFUSED: 3,
}  # fmt: skip


def ago(now: datetime, *, precision: Precision = Precision.MINUTE, **span: float) -> Moment:
    return Moment(now - timedelta(**span), precision)


def stages(at: int) -> tuple[StageState, ...]:
    return tuple(DONE if step < at else CURRENT if step == at else AHEAD for step in range(5))


def entry(when: Moment, milestone: Milestone, place: str = "", **facts) -> Entry:
    base = {"when": when, "recorded": when, "classifier": ACT, "milestone": milestone, "place": place, "source": "scan"}
    return Entry(**(base | facts))


def express(number: str, status: Status, *, now: datetime, **facts) -> Answer:
    """An express parcel from Shanghai over Wuhan to Chengdu."""
    past = (
        entry(ago(now, minutes=3), Milestone.DEPARTED, "武汉分拨中心", next_place="成都分拨中心", mode=Mode.ROAD),
        entry(ago(now, hours=12), Milestone.ARRIVED, "武汉分拨中心", mode=Mode.ROAD),
        entry(ago(now, hours=25), Milestone.DEPARTED, "上海青浦分拨中心", next_place="武汉分拨中心"),
        entry(ago(now, hours=27), Milestone.SORTED, "上海青浦分拨中心"),
        entry(ago(now, hours=31), Milestone.PICKED_UP, "上海徐汇漕河泾营业部"),
        entry(ago(now, hours=33), Milestone.CREATED, source="staff"),
    )
    base = {
        "number": number, "audience": Audience.BARE, "line": Line.EXPRESS, "status": status,
        "status_since": past[0].when, "stages": stages(STAGE_OF.get(status, 2)), "percent": 55,
        "expected": Moment(now + timedelta(hours=28), Precision.MINUTE), "expected_classifier": EST,
        "updated": past[0].when, "entries": past, "can_verify": True,
        "stops": (
            Stop(place="上海徐汇漕河泾营业部", state=DONE, when=past[4].when),
            Stop(place="上海青浦分拨中心", state=DONE, when=past[2].when),
            Stop(place="武汉分拨中心", state=CURRENT, when=past[0].when),
            Stop(place="成都分拨中心", state=AHEAD, planned=Moment(now + timedelta(hours=20), Precision.MINUTE)),
            Stop(place="成都锦江营业部", state=AHEAD),
        ),
    }  # fmt: skip
    return Answer(**(base | facts))


def answers(now: datetime | None = None) -> dict[str, Answer]:
    """Return one answer for every status and every awkward case, by number."""
    now = now or datetime.now(UTC)
    by_status = [
        express(f"HJ26110000{index:04d}", status, now=now, reason=WHY.get(status, Reason.NONE))
        for index, status in enumerate(Status)
    ]
    return {one.number: one for one in [*by_status, *awkward(now), ocean(now), road(now)]}


WHY = {
    Status.ATTEMPT_FAILED: Reason.ABSENT, Status.DELIVERED: Reason.AGENT, Status.REFUSED: Reason.DAMAGED,
    Status.EXCEPTION: Reason.DAMAGED, Status.RETURNED: Reason.ADDRESS,
}  # fmt: skip


def awkward(now: datetime) -> list[Answer]:
    gappy = express("HJ2611990001", Status.IN_TRANSIT, now=now).entries
    stale = ago(now, hours=41)
    return [
        express(
            "HJ2611990001", Status.IN_TRANSIT, now=now, late_min=150,
            entries=(gappy[0], entry(ago(now, hours=2), Milestone.EXCEPTION, "武汉分拨中心", reason=Reason.WEATHER), *gappy[1:3],
                     entry(ago(now, hours=90), Milestone.SORTED, "上海青浦分拨中心", flags=frozenset({Flag.LATE}), gap_min=62 * 60), *gappy[4:]),
        ),
        express(
            "HJ2611990002", Status.IN_TRANSIT, now=now, stale=True, updated=stale, status_since=stale,
            entries=(entry(stale, Milestone.DEPARTED, "兰州分拨中心", next_place="乌鲁木齐分拨中心", gap_min=0),
                     entry(ago(now, days=3, precision=Precision.DAY), Milestone.PICKED_UP, "西宁营业部", source="partner-7")),
            expected=ago(now, hours=5), stops=(),
        ),
        express("HJ2611990003", Status.OUT_FOR_DELIVERY, now=now, pieces_total=5, pieces_delivered=3, expected_classifier=PLN),
        express(
            "HJ2611990004", Status.RETURNED, now=now, reason=Reason.ADDRESS, expected=None,
            links=(Link(relation="returned_as", number="HJ2611990005"),),
        ),
        express("HJ2611990005", Status.RETURNING, now=now, links=(Link(relation="return_of", number="HJ2611990004"),)),
        express(
            "HJ2611990006", Status.DELIVERED, now=now, audience=Audience.VERIFIED, reason=Reason.SELF, can_verify=False,
            parties=(PartyView(role="shipper", name="李*", phone="139******21", address="上海市徐汇区漕河泾***"),
                     PartyView(role="consignee", name="张**", phone="138******78", address="四川省成都市锦江区***")),
            proof=Proof(signed_by="张**"),
        ),
        express(
            "HJ2611990007", Status.IN_TRANSIT, now=now,
            entries=(entry(ago(now, minutes=9), Milestone.ARRIVED, "新疆维吾尔自治区巴音郭楞蒙古自治州若羌县罗布泊镇综合物流服务中心第二营业部"),),
            stops=tuple(Stop(place=f"新疆维吾尔自治区巴音郭楞蒙古自治州第{n}营业部", state=DONE if n < 7 else CURRENT if n == 7 else AHEAD, when=ago(now, days=9 - n)) for n in range(1, 10)),
        ),
        express("HJ2611990008", Status.CREATED, now=now, entries=(), stops=(), expected=None, updated=None, status_since=None, can_verify=False),
    ]  # fmt: skip


def ocean(now: datetime) -> Answer:
    day = {"precision": Precision.DAY}
    sea = {"mode": Mode.SEA, "via": "HUOJI STAR / 045E", "source": "dcsa"}
    return Answer(
        number="COSU6100250", audience=Audience.BARE, line=Line.OCEAN, status=Status.IN_TRANSIT,
        status_since=ago(now, days=9), stages=stages(2), percent=60, updated=ago(now, days=2),
        expected=Moment(now + timedelta(days=12), Precision.DAY), expected_classifier=EST, late_min=2880,
        vehicle="HUOJI STAR / 045E", links=(Link(relation="bill", number="COSU6290123450"),),
        entries=(
            entry(Moment(now + timedelta(days=13), Precision.DAY), Milestone.GATE_OUT, "Rotterdam", classifier=PLN, source="dcsa"),
            entry(Moment(now + timedelta(days=12), Precision.DAY), Milestone.ARRIVED, "Rotterdam", classifier=EST, **sea),
            entry(ago(now, days=2), Milestone.DEPARTED, "Singapore", **sea),
            entry(ago(now, days=4), Milestone.ARRIVED, "Singapore", **sea),
            entry(ago(now, days=9, **day), Milestone.DEPARTED, "上海洋山港", gap_min=0, **sea),
            entry(ago(now, days=10), Milestone.LOADED, "上海洋山港", **sea),
            entry(ago(now, days=12), Milestone.GATE_IN, "上海洋山港", source="dcsa"),
            entry(ago(now, days=13), Milestone.STUFFED, "昆山仓库", source="dcsa"),
            entry(ago(now, days=14), Milestone.EMPTY_PICKED_UP, "上海外高桥堆场", source="dcsa"),
        ),
        stops=(
            Stop(place="上海洋山港", state=DONE, when=ago(now, days=9, **day)),
            Stop(place="Singapore", state=CURRENT, when=ago(now, days=2)),
            Stop(place="Rotterdam", state=AHEAD, planned=Moment(now + timedelta(days=12), Precision.DAY)),
        ),
    )  # fmt: skip


def road(now: datetime) -> Answer:
    return express(
        "HJ2611990009", Status.ARRIVED_DEST, now=now, line=Line.ROAD, vehicle="T-20261123-07", pieces_total=40,
        expected=Moment(now + timedelta(hours=5), Precision.DAY),
    )  # fmt: skip
