"""The backend itself; Django looks for a module of this name.

Django's own health check asks the server each time a request takes a connection (50 µs and a round trip). A server that
died or restarted has closed its end, and that a closed socket is readable costs one microsecond to see.
"""

import select
from typing import Any, ClassVar

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes another connection from the pool when the one it got is dead; the pool opens new ones meanwhile."""

    _connection_pools: ClassVar[dict[str, ConnectionPool]] = {}  # those of this process
    _params: ClassVar[dict[str, dict[str, Any]]] = {}

    def get_connection_params(self) -> dict[str, Any]:
        """Return what connections are made with; worked out once for a pool, though Django asks with each request.

        Once the pool is there Django no longer reads it, but the worker does, which makes a pool of its own.
        """
        if self.alias not in self._connection_pools or self.alias not in self._params:
            self._params[self.alias] = super().get_connection_params()
        return dict(self._params[self.alias])

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool = self.pool
        connection = super().get_new_connection(conn_params)
        while pool and is_dead(connection):
            connection.close()
            pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        """Leave a connection as it is that is so already, as those of the pool are."""
        with self.wrap_database_errors:
            if self.connection.autocommit != autocommit:
                self.connection.autocommit = autocommit


def is_dead(connection: Connection[Any]) -> bool:
    """Tell whether the server has closed its end; silence means it is alive, anything else is asked about."""
    look = select.poll()  # unlike select() it takes the descriptors of a gateway that holds thousands of connections
    look.register(connection.fileno(), select.POLLIN)
    if not look.poll(0):
        return False
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return True
    return False
