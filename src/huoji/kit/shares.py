"""Share a fixed number of parts among the processes of a kind: each part has one owner, and a dead owner's parts are free at once.

An owner holds a lock of its database session for each of its parts. When the process is killed, or its connection breaks, the
database lets the locks go, and the others take the parts within a second or two.
"""

import psycopg

OWNERS_MAX = 64

_COUNT = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Shares:
    """The parts this process owns. All calls are quick; one that fails with a database error means that nothing is owned any more."""

    def __init__(self, conninfo: str, *, parts: int, space: int) -> None:
        self._conninfo, self._parts, self._space = conninfo, parts, space
        self._connection: psycopg.Connection | None = None
        self._owned: set[int] = set()

    def renew(self) -> frozenset[int]:
        """Take free parts up to a fair share, or give some back when there are more owners now; return what is owned."""
        try:
            connection = self._connected()
            owners = max(1, self._count(connection))
            fair = -(-self._parts // owners)
            for part in range(self._parts):
                if len(self._owned) < fair and part not in self._owned and self._lock(connection, self._space, part):
                    self._owned.add(part)
            while len(self._owned) > fair:
                self._unlock(connection, max(self._owned))
        except psycopg.Error:
            self.close()
            raise
        return frozenset(self._owned)

    def close(self) -> None:
        """Let everything go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._owned.clear()

    def _connected(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
            for seat in range(OWNERS_MAX):
                if self._lock(self._connection, self._space + 1, seat):
                    break
        return self._connection

    def _count(self, connection: psycopg.Connection) -> int:
        row = connection.execute(_COUNT, [self._space + 1]).fetchone()
        return int(row[0]) if row else 0

    def _lock(self, connection: psycopg.Connection, space: int, number: int) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, number]).fetchone()
        return bool(row and row[0])

    def _unlock(self, connection: psycopg.Connection, part: int) -> None:
        connection.execute("SELECT pg_advisory_unlock(%s, %s)", [self._space, part])
        self._owned.discard(part)
