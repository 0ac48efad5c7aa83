"""Run a transaction again when the database broke it off for the sake of another one that ran at the same moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, transaction
from psycopg import Error
from psycopg.errors import DeadlockDetected, SerializationFailure

TRIES_MAX = 6
FIRST_WAIT_S = 0.02  # twice as long each time
COLLISIONS: tuple[type[Error], ...] = (DeadlockDetected, SerializationFailure)

T = TypeVar("T")


def in_transaction(write: Callable[[], T], *, also: tuple[type[Error], ...] = ()) -> T:
    """Return what `write` returns, committed; `also` names what else a collision may look like, as two that make the same row."""
    attempt = 0
    while True:
        try:
            with transaction.atomic():
                return write()
        except DatabaseError as error:
            attempt += 1
            if attempt == TRIES_MAX or not isinstance(error.__cause__, COLLISIONS + also):
                raise
        time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
