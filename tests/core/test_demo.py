"""The demonstration is the same for the same seed, believable, complete, and touches nobody real."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import imo, iso6346

from huoji.core.cities import CITIES, PORTS
from huoji.core.demo import WAYBILLS, generate
from huoji.core.demo.model import TRUCKS
from huoji.core.demo.world import NUMBERS_MIN
from huoji.core.milestone import Line, Milestone, Mode, Reason, Status
from huoji.core.numbers import waybill_number
from huoji.core.place import check_site, place_key
from huoji.core.role import DEFAULT_ROLES
from huoji.core.timeline import CLASSIFIERS, MILESTONE_CODE, REASON_CODE, STATUSES, Fact, fold

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
KEY = b"a key of thirty-two bytes length"


@cache
def numbers() -> list[str]:
    return [waybill_number(sequence, key=KEY, prefix="HJ") for sequence in range(NUMBERS_MIN)]


@cache
def world(seed: int = 1, now: datetime = NOW, waybills: int = WAYBILLS):
    return generate(seed=seed, now=now, numbers=numbers(), waybills=waybills)


def by_number(made, target="waybill"):
    found = defaultdict(list)
    for told in made.reports:
        if told.report.target == target:
            found[told.report.number].append(told)
    return found


def status_of(reports, pieces: int) -> Status:
    milestone_code = {milestone.value: code for milestone, code in MILESTONE_CODE.items()}
    reason_code = {reason.value: code for reason, code in REASON_CODE.items()}
    classifier_code = {classifier.value: code for code, classifier in enumerate(CLASSIFIERS)}
    facts = [
        Fact(
            key=told.report.key, digest=told.report.digest, at=told.report.at, recorded=told.at,
            milestone=milestone_code[told.report.milestone], classifier=classifier_code[told.report.classifier],
            reason=reason_code[told.report.reason], piece=int(told.report.piece or 0), event_id=index,
        )
        for index, told in enumerate(reports)
    ]  # fmt: skip
    folded = fold(facts, pieces=pieces)
    assert not folded.jumps
    return STATUSES[folded.status]


@cache
def statuses() -> dict[Line, Counter[Status]]:
    made, told = world(), by_number(world())
    found = {line: Counter() for line in Line}
    for placed in made.shipments:
        draft = placed.draft
        found[Line(draft.line)][status_of(told[draft.number], draft.pieces)] += 1
    return found


def test_the_same_seed_and_instant_give_the_same_to_the_last_letter():
    first = generate(seed=7, now=NOW, numbers=numbers(), waybills=600)
    assert first == generate(seed=7, now=NOW, numbers=numbers(), waybills=600)
    assert first != generate(seed=8, now=NOW, numbers=numbers(), waybills=600)


def test_it_is_as_large_as_it_was_promised():
    made = world()
    assert len(made.shipments) in range(WAYBILLS, WAYBILLS + 3)
    assert len(set(made.trucks)) == TRUCKS
    assert len(made.vessels) == 6
    kinds = Counter(site.kind.value for site in made.sites)
    assert 50 <= kinds["outlet"] + kinds["hub"] <= 70
    assert {staff.role for staff in made.staff} == {role.code for role in DEFAULT_ROLES}


@given(st.integers(0, 10**6), st.integers(1_577_836_800, 2_208_988_800))
@settings(max_examples=12, deadline=None)
def test_nothing_has_happened_after_now_and_nothing_much_before_the_month(seed, at):
    now = datetime.fromtimestamp(at, UTC)
    made = generate(seed=seed, now=now, numbers=numbers(), waybills=300)
    start, end = (now - timedelta(days=31)).timestamp(), now.timestamp()
    assert all(start <= placed.at <= end for placed in made.shipments if placed.draft.line != "ocean")
    for told in made.reports:
        assert told.at <= end
        assert told.report.classifier != "ACT" or told.report.at <= end
    assert [told.at for told in made.reports] == sorted(told.at for told in made.reports)


def test_every_status_occurs_on_land_and_every_one_of_the_sea_at_sea():
    on_land = set(Status) - {Status.CUSTOMS}
    assert statuses()[Line.EXPRESS].keys() >= on_land
    assert statuses()[Line.ROAD].keys() >= on_land
    at_sea = {
        Status.CREATED,
        Status.AWAITING_PICKUP,
        Status.PICKED_UP,
        Status.IN_TRANSIT,
        Status.CUSTOMS,
        Status.ARRIVED_DEST,
    }
    at_sea |= {Status.OUT_FOR_DELIVERY, Status.DELIVERED, Status.EXCEPTION, Status.CANCELLED}
    assert statuses()[Line.OCEAN].keys() >= at_sea


@pytest.mark.parametrize("hour", [0, 3, 9, 15, 20])
def test_every_status_occurs_at_every_hour_of_the_day(hour):
    made = world(1, NOW.replace(hour=hour), 400)
    told = by_number(made)
    found = {status_of(told[placed.draft.number], placed.draft.pieces) for placed in made.shipments}
    assert found == set(Status)


def test_most_of_it_goes_well_and_all_kinds_of_trouble_occur():
    express = statuses()[Line.EXPRESS]
    assert 0.6 < express[Status.DELIVERED] / express.total() < 0.95
    milestones = Counter(told.report.milestone for told in world().reports)
    for milestone in (
        "exception",
        "resolved",
        "returned",
        "refused",
        "attempt_failed",
        "forwarded",
        "cancelled",
        "customs_held",
        "pickup_failed",
    ):
        assert milestones[milestone] >= 3, milestone
    reasons = Counter(told.report.reason for told in world().reports)
    for reason in ("damaged", "lost", "delayed", "weather", "redelivery", "overdue"):
        assert reasons[reason] >= 1, reason


def test_words_are_those_that_the_doors_know():
    for told in world().reports:
        Milestone(told.report.milestone)
        Reason(told.report.reason)
        Mode(told.report.mode)


def test_every_place_is_a_site_of_the_world():
    made = world()
    codes = {site.code for site in made.sites}
    assert len(codes) == len(made.sites)
    assert {told.report.place for told in made.reports} <= codes | {""}
    assert {told.report.next_place for told in made.reports} <= codes | {""}
    names = {site.name for site in made.sites}
    assert all({placed.draft.origin, placed.draft.destination} <= names for placed in made.shipments)
    assert {lane.origin for lane in made.lanes} | {lane.destination for lane in made.lanes} <= codes
    assert set(made.aliases.values()) <= codes
    for site in made.sites:
        check_site(site)


def test_no_two_aliases_or_names_of_places_are_compared_as_the_same():
    keys = [place_key(alias) for alias in world().aliases]
    names = [place_key(name) for site in world().sites for name in (site.code, site.name, site.name_en)]
    assert len(keys) == len(set(keys))
    assert len(names) == len(set(names))
    assert not set(keys) & set(names)


def test_cargo_is_loaded_before_its_truck_leaves_and_unloaded_after_it_arrives():
    made = world()
    trips = by_number(made, "trip")
    checked = 0
    for reports in by_number(made).values():
        for loaded, unloaded in pairwise(told.report for told in reports):
            if (loaded.milestone, unloaded.milestone) != ("loaded", "unloaded"):
                continue
            assert loaded.holder == unloaded.holder
            run = {
                told.report.milestone: told.report
                for told in trips[loaded.holder[1]]
                if told.report.classifier == "ACT"
            }
            assert loaded.at <= run["departed"].at < run["arrived"].at <= unloaded.at
            assert (loaded.place, unloaded.place) == (run["departed"].place, run["arrived"].place)
            checked += 1
    assert checked > 5_000


def test_no_truck_is_in_two_places_at_once():
    runs = defaultdict(list)
    for number, reports in by_number(world(), "trip").items():
        times = {told.report.milestone: told.report.at for told in reports if told.report.classifier == "ACT"}
        if "arrived" in times:
            runs[number.split("/")[0]].append((times["departed"], times["arrived"]))
    clashes = sum(after[0] < before[1] for each in runs.values() for before, after in pairwise(sorted(each)))
    assert clashes <= len(runs) * 0.02


def test_trucks_keep_a_believable_speed():
    lanes = {(lane.origin, lane.destination): lane for lane in world().lanes}
    speeds = []
    for reports in by_number(world(), "trip").values():
        run = {told.report.milestone: told.report for told in reports if told.report.classifier == "ACT"}
        lane = lanes.get((run["departed"].place, run["departed"].next_place))
        if lane and "arrived" in run:
            speeds.append(lane.distance_km / ((run["arrived"].at - run["departed"].at) / 3600))
    assert max(speeds) < 75
    assert 50 < sorted(speeds)[len(speeds) // 2] < 68


def test_outlets_deliver_by_day():
    for told in world().reports:
        if told.report.milestone == "out_for_delivery" and told.report.place[-2:].isdigit():
            hour = (told.report.at + 8 * 3600) % 86_400 / 3600
            assert 8 <= hour <= 15 or told.at > NOW.timestamp() - 8 * 3600  # the gallery stands at whatever hour it is


def test_no_phone_of_the_demonstration_can_ring():
    made = world()
    phones = {party.phone for placed in made.shipments for party in placed.draft.parties} | {
        customer.phone for customer in made.customers
    }
    phones |= {site.phone for site in made.sites if site.phone}
    for phone in phones:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN")), phone


def test_ships_and_boxes_have_right_check_digits_and_invented_owners():
    made = world()
    assert all(imo.is_valid(vessel.imo) and 2_000_000 < int(vessel.imo) < 4_000_000 for vessel in made.vessels)
    assert all(vessel.mmsi.startswith("200") for vessel in made.vessels)
    boxes = set(by_number(made, "container"))
    assert boxes
    assert all(iso6346.is_valid(box) and box.startswith("ZZHU") for box in boxes)
    assert all(set(plate[2]) <= set("IO") for plate in made.trucks)


def test_several_shipments_share_a_container_and_some_have_several():
    made = world()
    shared = Counter(
        value for placed in made.shipments for kind, value in placed.draft.references if kind == "container"
    )
    assert max(shared.values()) >= 2
    assert any(placed.draft.line == "ocean" and placed.draft.pieces > 1 for placed in made.shipments)


def test_the_atlas_holds_every_provincial_capital_and_the_ports_of_the_domain_page():
    provinces = {city.province for city in CITIES}
    assert len(provinces) == 34
    assert len(CITIES) >= 60
    wanted = """CNSHA CNNGB CNYTN CNSHK CNNSA CNGZG CNTAO CNTXG CNXMN CNDLC CNLYG CNFOC CNZUH CNZJG CNNJG HKHKG KRPUS JPTYO SGSIN
    MYTPP VNSGN VNHPH VNVUT THLCH IDJKT NLRTM DEHAM BEANR GBFXT USLAX USNYC"""
    assert {port.locode for port in PORTS} == set(wanted.split())
    aliases = {alias for port in PORTS for alias in port.aliases}
    assert aliases >= {"CNGZU", "CNCAN", "CNNBO"}
