"""The outbox: nothing that was published is lost, and no handler disturbs another."""

import contextlib
import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from huoji.kit import log, outbox, relay
from huoji.kit.models import Mark, OutboxRow

NOW = datetime(2126, 1, 1, tzinfo=UTC)  # later than any row of these tests


@pytest.fixture
def handlers(monkeypatch):
    """Registered handlers, as if this test's app were the only one."""
    monkeypatch.setattr(outbox, "_handlers", {})
    monkeypatch.setattr(outbox, "_merged", set())
    return outbox.handler


def publish(topic="test.happened", ids=(1, 2), **data):
    with transaction.atomic():
        outbox.publish(topic, ids, **data)


@pytest.mark.django_db
def test_a_handler_gets_the_ids_and_the_row_is_gone(handlers):
    got = []
    handlers("test.happened")(got.append)
    publish(ids=[7, 8], colour="red")
    assert outbox.deliver_next(now=NOW)
    assert got == [outbox.Message(topic="test.happened", ids=(7, 8), data={"colour": "red"})]
    assert not outbox.deliver_next(now=NOW)
    assert OutboxRow.objects.count() == 0


@pytest.mark.django_db
def test_a_message_that_nobody_handles_does_not_stay(handlers):
    publish()
    assert outbox.deliver_next(now=NOW)
    assert OutboxRow.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_publishing_belongs_into_a_transaction():
    with pytest.raises(AssertionError, match="transaction of the action"):
        outbox.publish("test.happened", [1])


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_published():
    with transaction.atomic():
        outbox.publish("test.happened", [1])
        transaction.set_rollback(True)
    assert OutboxRow.objects.count() == 0


@pytest.mark.django_db
def test_a_message_holds_at_most_500_ids_and_the_database_knows_it_too():
    publish(ids=range(500))
    with pytest.raises(ValueError, match="at most 500"):
        publish(ids=range(501))
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxRow.objects.create(topic="x", ids=list(range(501)))


@pytest.mark.django_db
def test_a_failing_handler_neither_repeats_nor_undoes_the_others(handlers):
    runs = []

    @handlers("test.happened")
    def good(message):
        runs.append("good")
        Mark.objects.create(name="good", at=NOW, ok=True)

    @handlers("test.happened")
    def bad(message):
        runs.append("bad")
        Mark.objects.create(name="bad", at=NOW, ok=True)
        if runs.count("bad") == 1:
            raise ValueError("收件人 13800138000 unknown")

    publish()
    outbox.deliver_next(now=NOW)
    row = OutboxRow.objects.get()
    assert (row.attempts, row.last_error) == (1, "ValueError: 收件人 * unknown")
    assert set(Mark.objects.values_list("name", flat=True)) == {"good"}
    assert not outbox.deliver_next(now=NOW), "it waits before the next try"
    assert outbox.deliver_next(now=NOW + timedelta(seconds=2))
    assert runs == ["good", "bad", "bad"]
    assert OutboxRow.objects.count() == 0


@pytest.mark.django_db
def test_in_a_batch_the_good_are_done_once_and_only_the_bad_one_waits(handlers):
    @handlers("test.good")
    def good(message):
        Mark.objects.create(name=f"good-{message.ids[0]}", at=NOW, ok=True)

    @handlers("test.bad")
    def bad(message):
        raise ValueError("no")

    for number in range(5):
        publish(topic="test.good", ids=[number])
    publish(topic="test.bad")
    for number in range(5, 9):
        publish(topic="test.good", ids=[number])
    assert outbox.deliver(now=NOW) == 10
    assert Mark.objects.count() == 9
    (left,) = OutboxRow.objects.all()
    assert (left.topic, left.attempts) == ("test.bad", 1)


@pytest.mark.django_db
def test_many_rows_share_one_commit_but_a_slow_one_ends_the_batch(handlers, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH_S_MAX", 0.01)
    handlers("test.slow")(lambda message: time.sleep(0.02))
    for _ in range(3):
        publish(topic="test.slow")
    assert outbox.deliver(now=NOW) == 1
    for _ in range(60):
        publish(topic="test.quick")
    assert outbox.deliver(now=NOW) == 1
    assert outbox.deliver(now=NOW) == 1
    monkeypatch.setattr(outbox, "BATCH_S_MAX", 60)  # however slow the machine is
    assert outbox.deliver(now=NOW) == outbox.BATCH_ROWS_MAX
    assert outbox.deliver(now=NOW) == 10
    assert outbox.deliver(now=NOW) == 0


@pytest.mark.django_db
def test_a_message_that_never_works_ends_on_the_dead_list_until_a_person_retries_it(handlers):
    broken = True

    @handlers("test.happened")
    def fail(message):
        if broken:
            raise ValueError("no")

    publish()
    publish(topic="test.other")
    now = NOW
    for _ in range(outbox.ATTEMPTS_MAX + 5):
        now += timedelta(hours=2)
        while outbox.deliver_next(now=now):
            pass
    (dead,) = outbox.dead(limit=10)
    assert (dead.topic, dead.attempts, dead.ids_count) == ("test.happened", outbox.ATTEMPTS_MAX, 2)
    assert outbox.backlog() == outbox.Backlog(waiting=0, oldest_at=None, dead=1)
    broken = False
    assert outbox.retry(dead.id, now=now)
    assert not outbox.retry(dead.id, now=now), "once"
    assert outbox.deliver_next(now=now)
    assert outbox.dead(limit=10) == []


@given(st.integers(min_value=1, max_value=40), st.floats(min_value=0, max_value=1))
def test_the_pause_grows_within_limits(attempts, jitter):
    pause_s = outbox.backoff(attempts, jitter=jitter).total_seconds()
    assert outbox.BACKOFF_FIRST_S <= pause_s <= outbox.BACKOFF_MAX_S * 1.25
    assert outbox.backoff(attempts + 1, jitter=0) >= outbox.backoff(attempts, jitter=0)


@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_work_and_do_nothing_twice(handlers):
    got = []
    handlers("test.happened")(lambda message: got.extend(message.ids))
    for number in range(40):
        publish(ids=[number])
    stop = Event()
    relays = [Thread(target=relay.run, args=(stop,)) for _ in range(2)]
    for thread in relays:
        thread.start()
    while outbox.backlog().waiting:
        pass
    stop.set()
    for thread in relays:
        thread.join()
    assert sorted(got) == list(range(40))


@pytest.mark.django_db
def test_the_request_that_caused_a_message_is_named_in_the_logs_of_its_handlers(handlers):
    seen = []
    handlers("test.happened")(lambda message: seen.append(log.current_request_id()))
    with log.bound(request_id="req-1"):
        publish()
    outbox.deliver_next(now=NOW)
    assert seen == ["req-1"]


@pytest.mark.django_db
def test_a_handler_that_hides_a_database_error_spoils_only_itself(handlers):
    @handlers("test.hides")
    def hides(message):
        for _ in range(2):
            with contextlib.suppress(IntegrityError):
                Mark.objects.create(name="twice", at=NOW, ok=True)

    handlers("test.good")(lambda message: Mark.objects.create(name="good", at=NOW, ok=True))
    publish(topic="test.hides")
    publish(topic="test.good")
    assert outbox.deliver(now=NOW) == 2
    (left,) = OutboxRow.objects.all()
    assert left.topic == "test.hides"
    assert set(Mark.objects.values_list("name", flat=True)) == {"good"}


@pytest.mark.django_db(transaction=True)
def test_who_locks_what_the_ids_name_gets_them_of_many_rows_at_once_and_in_order(handlers):
    each, together, odd = [], [], []

    def lock(message):
        together.append(message.ids)

    def refuse(message):
        if 6 in message.ids:
            raise ValueError("six")
        odd.append(message.ids)

    handlers("test.happened")(lambda message: each.append(message.ids))
    handlers("test.happened", merged=True)(lock)
    for ids in ((5, 6), (2, 1), (2, 3)):
        publish(ids=ids)
    assert outbox.deliver(now=NOW) == 3
    assert (each, together) == ([(5, 6), (2, 1), (2, 3)], [(1, 2, 3, 5, 6)])
    handlers("test.other", merged=True)(refuse)
    for ids in ((5, 6), (1, 2)):
        publish("test.other", ids=ids)
    outbox.deliver(now=NOW)
    assert (odd, OutboxRow.objects.count()) == ([(1, 2)], 1)  # one by one who fails disturbs no other
