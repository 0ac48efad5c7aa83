"""A transaction that the database broke off for another one's sake is run again; any other error is told at once."""

import threading

import pytest
from django.db import IntegrityError, connection

from huoji.kit.colliding import in_transaction
from huoji.kit.models import Blob

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_that_wait_for_each_other_both_finish():
    both_hold_one = threading.Barrier(2, timeout=20)
    tries, finished = [], []

    def cross(first, second):
        met = threading.Event()

        def write():
            tries.append(first)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(808, %s)", [first])
                if not met.is_set():
                    met.set()
                    both_hold_one.wait()
                cursor.execute("SELECT pg_advisory_xact_lock(808, %s)", [second])

        in_transaction(write)
        finished.append(first)
        connection.close()

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(finished) == [1, 2]
    assert len(tries) == 3  # one of them had to begin again


def test_what_is_no_collision_is_told_at_once():
    tries = []

    def write():
        tries.append(1)
        Blob.objects.create(sha256=None)

    with pytest.raises(IntegrityError):
        in_transaction(write)
    assert len(tries) == 1
