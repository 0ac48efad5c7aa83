"""A bare WSGI function on the same server that reads the same row by one prepared statement: the ceiling of a query."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg

SQL = "SELECT s.body FROM unit u JOIN story s ON s.unit_id = u.id WHERE u.kind = 'waybill' AND u.number = %s"
_local = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer the packed story of a number as it lies in the row."""
    connection = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = psycopg.connect(os.environ["BENCH_CONNINFO"], autocommit=True)
    number = parse_qs(environ["QUERY_STRING"]).get("numbers", [""])[0]
    row = connection.execute(SQL, [number], prepare=True, binary=True).fetchone()
    body = row[0] if row else b"{}"
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]
