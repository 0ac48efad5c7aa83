"""The loop that empties the outbox; it survives a database that goes away and comes back."""

from threading import Event

from django.db import close_old_connections, connection
from django.utils import timezone

from huoji.kit import heartbeat, log, outbox, trouble

IDLE_S = 0.1  # a business transaction never notifies, so we look
AWAY_S = 1.0
ROWS_PER_TURN_MAX = 1_000


def drain() -> int:
    """Deliver what is due now; return how many rows were handled."""
    count = 0
    while count < ROWS_PER_TURN_MAX and outbox.is_due():
        handled = outbox.deliver(now=timezone.now())
        if not handled:
            break  # another relay holds the rest
        count += handled
    return count


def run(stop: Event, *, idle_s: float = IDLE_S) -> None:
    """Relay until told to stop; never ends by itself."""
    while not stop.is_set():
        try:
            count = drain()
            heartbeat.count("huoji_outbox_relayed_total", count)
            pause_s = 0.0 if count else idle_s
        except Exception as wrong:  # noqa: BLE001 - a bug of ours must not end the loop
            if trouble.passes(wrong):
                log.KIT.warning("relay waits for the database", extra={"error": log.summary_of(wrong)})
            else:
                log.KIT.exception("relay failed")
            connection.close()
            pause_s = AWAY_S
        stop.wait(pause_s)
    close_old_connections()
    connection.close()
