"""From a gateway through NATS into the tables: nothing is lost, nothing is kept twice."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from huoji.apps.fleet.actions.admitting import Device
from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.hearing import Ended, Make, Report
from huoji.apps.fleet.actions.rows import PointIn
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.apps.fleet.models import LastPosition, Terminal
from huoji.core.position import Point
from huoji.core.reading import Reading
from huoji.gateways import leftovers
from huoji.gateways.kinds.sensors import READINGS
from huoji.gateways.kinds.terminals import POINTS, SAID
from huoji.gateways.kinds.vessels import VESSELS
from huoji.gateways.stream import parcel
from huoji.gateways.stream import writing as writing_module
from huoji.gateways.stream.lanes import Lanes
from huoji.gateways.stream.link import STREAM, UNACKED_MAX, Link, subject
from huoji.gateways.stream.writing import LOCKS, Writer
from huoji.kit import set_aside
from huoji.kit.listen import conninfo
from huoji.kit.shares import Shares
from huoji.wire import ais
from tools.nats_nodes import Nodes

NOW_S = int(datetime.now(UTC).timestamp())
MB = 1_000_000
PATIENCE_S = 60
TRUCKS = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Nodes(tmp_path_factory.mktemp("nats"), count=1) as one:
        yield one


@pytest.fixture
def node(server):
    """A server without a stream: what it remembers of another test's points would be taken for ours."""

    async def forget():
        link = Link(server.url, name="test", bytes_max=MB)
        await link.open_patiently()
        await link.stream.delete_stream(STREAM)
        await link.close()

    yield server
    asyncio.run(forget())


@pytest.fixture
def trucks(transactional_db):
    return [Terminal.objects.create(kind="jt808", number=f"139{number:08}").pk for number in range(TRUCKS)]


def point_in(terminal_id, second):
    point = Point(at=NOW_S - 3_000 + second * 10, lat_e6=31_000_000 + second * 500, lon_e6=121_000_000, speed_dkmh=200)
    return PointIn(
        terminal_id=terminal_id, point=point, digest=terminal_id * 10_000 + second, raw=b"raw", celsius=-18.5
    )


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT (terminal_id, at, digest)) FROM position")
        return cursor.fetchone()


def kept_so_far():
    """Ask beside a writer, on a thread that keeps no connection."""
    try:
        return kept()
    finally:
        connection.close()


def owned():
    return Shares(conninfo("test"), parts=parcel.PARTITIONS, space=LOCKS)


@contextlib.asynccontextmanager
async def linked(node, *, bytes_max=64 * MB):
    link = Link(node.url, name="test", bytes_max=bytes_max)
    await link.open_patiently()
    lanes = Lanes(link, source="test")
    lanes.start()
    try:
        yield link, lanes
    finally:
        await lanes.stop()
        await link.close()


@contextlib.asynccontextmanager
async def writing(link):
    task = asyncio.create_task(Writer(link, owned()).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def emptied(link):
    while await link.backlog():  # noqa: ASYNC110  the servers tell nobody
        await asyncio.sleep(0.05)


def play(scene):
    asyncio.run(asyncio.wait_for(scene, PATIENCE_S))


def test_points_arrive_in_order_once_and_are_known_again(node, trucks):
    async def scene():
        async with linked(node) as (link, lanes), writing(link):
            for second in range(10):
                await lanes.keep(POINTS, [point_in(each, second) for each in trucks])
            await emptied(link)
            again = [point_in(each, second) for each in trucks for second in range(10)]
            await lanes.keep(POINTS, again)
            await emptied(link)

    play(scene())
    assert kept() == (400, 400)
    last = NOW_S - 3_000 + 90
    assert {int(each.at.timestamp()) for each in LastPosition.objects.all()} == {last}


def test_what_a_killed_writer_was_handed_the_next_one_stores(node, trucks):
    async def scene():
        async with linked(node) as (link, lanes):
            for second in range(20):
                await lanes.keep(POINTS, [point_in(each, second) for each in trucks])
            for _ in range(4):
                async with writing(link):
                    await asyncio.sleep(0.15)  # in the middle of it
            async with writing(link):
                await emptied(link)

    play(scene())
    assert kept() == (800, 800)


def test_two_writers_share_the_partitions_and_store_everything_once(node, trucks):
    async def scene():
        async with linked(node) as (link, lanes), writing(link), writing(link):
            for second in range(30):
                await lanes.keep(POINTS, [point_in(each, second) for each in trucks])
                await asyncio.sleep(0.05)
            await emptied(link)

    play(scene())
    assert kept() == (1_200, 1_200)


def test_a_message_that_is_no_parcel_holds_up_nobody(node, trucks):
    async def scene():
        async with linked(node) as (link, lanes), writing(link):
            for number in range(parcel.PARTITIONS):
                await link.stream.publish(subject(number), b"\xc1 no parcel", stream=STREAM)
            await lanes.keep(POINTS, [point_in(each, 0) for each in trucks])
            await emptied(link)

    play(scene())
    assert kept() == (TRUCKS, TRUCKS)
    assert [(each.kind, each.count) for each in set_aside.groups(limit=9)] == [("unreadable", 1)]


def odd(terminal_id, second):
    """A point that no column takes."""
    point = point_in(terminal_id, second)
    return msgspec.structs.replace(point, point=msgspec.structs.replace(point.point, altitude_m=2**40))


def test_what_no_table_takes_is_set_aside_and_holds_up_nothing_behind_it(node, trucks):
    many = UNACKED_MAX + 5  # parcels, more than are handed to a writer at once

    async def scene():
        async with linked(node) as (link, lanes):
            for second in range(many):
                await lanes.keep(POINTS, [point_in(trucks[0], second), odd(trucks[0], 100 + second)])
            await lanes.keep(POINTS, [point_in(trucks[0], many)])
            async with writing(link):
                await emptied(link)

    play(scene())
    assert kept() == (many + 1, many + 1)
    (group,) = set_aside.groups(limit=9)
    assert (group.kind, group.source, group.count, group.waits) == ("points", "test", many, False)
    assert "format requires" in group.reason
    assert str(2**40) not in group.reason
    later = datetime.now(UTC)
    for pause in set_aside.PAUSES:
        later += pause
        assert leftovers.try_again(now=later) == 0
    assert set_aside.counts() == (many, many)  # waits for a person
    assert leftovers.try_again(now=later + timedelta(days=9)) == 0


def test_what_can_not_even_be_set_aside_comes_again(node, trucks, monkeypatch):
    monkeypatch.setattr(set_aside, "ROWS_MAX", 0)
    monkeypatch.setattr(writing_module, "LATER_S", 0.1)

    async def scene():
        async with linked(node) as (link, lanes):
            await lanes.keep(POINTS, [odd(trucks[0], 1), point_in(trucks[0], 2)])
            async with writing(link):
                while await asyncio.to_thread(kept_so_far) != (1, 1):  # noqa: ASYNC110  a table tells nobody
                    await asyncio.sleep(0.05)
                assert await link.backlog() == 1
                monkeypatch.setattr(set_aside, "ROWS_MAX", 1)
                await emptied(link)

    play(scene())
    assert set_aside.counts() == (1, 0)


def test_a_full_stream_makes_gateways_wait_and_loses_nothing(node, trucks):
    async def scene():
        async with linked(node, bytes_max=12_000) as (link, lanes):
            giving = asyncio.create_task(
                lanes.keep(POINTS, [point_in(each, second) for second in range(10) for each in trucks])
            )
            done, _ = await asyncio.wait([giving], timeout=0.4)
            assert not done
            assert lanes.waiting > 0
            async with writing(link):
                await giving
                await emptied(link)

    play(scene())
    assert kept() == (400, 400)


def test_large_things_travel_in_parcels_that_a_server_takes(node, trucks):
    async def scene():
        async with linked(node) as (link, lanes), writing(link):
            large = [msgspec.structs.replace(point_in(trucks[0], second), raw=bytes(9_000)) for second in range(200)]
            await lanes.keep(POINTS, large)
            await emptied(link)

    play(scene())
    assert kept() == (200, 200)


def test_a_stream_takes_the_size_that_is_set_when_a_gateway_starts(node):
    async def scene():
        for size in (MB, 3 * MB, MB):
            async with linked(node, bytes_max=size) as (link, _):
                assert (await link.stream.stream_info(STREAM)).config.max_bytes == size

    play(scene())


def test_a_server_that_was_away_is_waited_for(tmp_path, trucks):
    async def scene(node):
        async with linked(node) as (link, lanes), writing(link):
            await lanes.keep(POINTS, [point_in(each, 0) for each in trucks])
            node.kill(0)
            giving = asyncio.create_task(lanes.keep(POINTS, [point_in(each, 1) for each in trucks]))
            await asyncio.sleep(0.2)
            node.start(0)
            await giving
            await emptied(link)

    with Nodes(tmp_path, count=1) as node:
        play(scene(node))
    assert kept() == (2 * TRUCKS, 2 * TRUCKS)


def test_after_the_servers_lost_the_stream_it_is_made_again_and_read(node, trucks, monkeypatch):
    monkeypatch.setattr(writing_module, "RENEW_S", 0.05)

    async def scene():
        async with linked(node) as (link, lanes), writing(link):
            await lanes.keep(POINTS, [point_in(each, 0) for each in trucks])
            await emptied(link)
            await link.stream.delete_stream(STREAM)
            await lanes.keep(POINTS, [point_in(each, 1) for each in trucks])
            await emptied(link)

    play(scene())
    assert kept() == (2 * TRUCKS, 2 * TRUCKS)


def test_parts_are_shared_fairly_and_a_dead_owners_parts_are_free_at_once(transactional_db):
    def renewed(*owners):
        for _ in range(3):
            held = [each.renew() for each in owners]
        assert len(set().union(*held)) == sum(map(len, held)) == 16
        return sorted(map(len, held))

    one, two, three = (Shares(conninfo("test"), parts=16, space=4_711) for _ in range(3))
    assert renewed(one) == [16]
    assert renewed(one, two) == [8, 8]
    assert renewed(one, two, three) == [4, 6, 6]
    two.close()
    assert renewed(one, three) == [8, 8]
    for each in (one, three):
        each.close()


numbers, texts = st.integers(1, 2**62), st.text(min_size=1, max_size=12)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
bodies = st.dictionaries(texts, st.none() | st.booleans() | numbers | texts | st.lists(texts, max_size=3), max_size=4)
few = partial(st.lists, max_size=3)
things = st.one_of(
    st.tuples(
        st.just(POINTS),
        few(
            st.builds(
                lambda number, at, raw: PointIn(
                    terminal_id=number, point=Point(at=at, lat_e6=1, lon_e6=-1), digest=at, raw=raw
                ),
                numbers, st.integers(0, 2**31), st.binary(max_size=40),
            )
        ),
    ),
    st.tuples(
        st.just(SAID),
        few(
            st.one_of(
                st.builds(Report, terminal_id=numbers, kind=texts, at=moments, body=bodies, digest=numbers),
                st.builds(Ended, terminal_id=numbers, command_id=numbers, result=bodies, at=moments),
                st.builds(Make, terminal_id=numbers, device=st.builds(Device, number=texts, version=numbers)),
            )
        ),
    ),
    st.tuples(
        st.just(VESSELS),
        few(
            st.one_of(
                st.builds(Heard, st.builds(ais.Position, lat_e6=numbers, lon_e6=numbers, type=numbers), moments.map(datetime.timestamp)),
                st.builds(Introduction, st.builds(ais.Static, type=numbers), moments.map(datetime.timestamp)),
            )
        ),
    ),
    st.tuples(st.just(READINGS), few(st.tuples(texts, st.builds(Reading, at=numbers, channel=numbers, value=st.floats(allow_nan=False))))),
)  # fmt: skip


@settings(deadline=None)
@given(things)
def test_a_parcel_of_any_kind_comes_back_as_it_was_packed(drawn):
    kind, items = drawn
    packed = parcel.pack(kind, items, source="door")
    assert parcel.unpack(packed) == parcel.Parcel(kind, "door", items)
    assert parcel.name_of(packed) == parcel.name_of(parcel.pack(kind, items, source="door"))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_random_bytes_are_no_parcel(data):
    with contextlib.suppress(parcel.UnreadableError, parcel.TooNewError):
        assert parcel.unpack(data).kind.name


@pytest.mark.parametrize("told", [(2, "another way"), (1, "unheard", "door", [])], ids=["edition", "kind"])
def test_a_parcel_of_a_newer_gateway_is_told_apart(told):
    with pytest.raises(parcel.TooNewError):
        parcel.unpack(msgspec.msgpack.encode(told))


def test_terminals_are_spread_over_all_partitions():
    share = [0] * parcel.PARTITIONS
    for number in range(16_000):
        share[parcel.partition_of(number.to_bytes(8))] += 1
    assert max(share) < 1_200
    assert min(share) > 800
