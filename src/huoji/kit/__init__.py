"""The small shared shell under every app: outbox, idempotency, heartbeats, blobs, problems, the embedded database."""
