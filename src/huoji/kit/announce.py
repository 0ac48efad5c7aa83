"""Joins the outbox to the live stream: an app says which of its messages a page may hear about."""

from huoji.kit import live, outbox


def register(topic: str, *, kind: str) -> None:
    """Tell live pages about every id of an outbox topic as `kind:…`; call it in `AppConfig.ready()`."""

    def announce(message: outbox.Message) -> None:
        live.send([live.topic(kind, identity) for identity in message.ids])

    announce.__qualname__ = f"announce[{kind}]"
    outbox.handler(topic)(announce)
