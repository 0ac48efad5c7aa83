"""What a page may hear live: opaque topics, signed tokens that name them, and the one place that sends NOTIFY.

Every public page carries a token, so the keys of topics and tokens are derived once and one keyed hash signs.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.encoding import force_bytes

CHANNEL = "huoji_live"
TOKEN_LIFE = timedelta(minutes=10)
TOPICS_MAX = 100  # of one token
PAYLOAD_BYTES_MAX = 7_900  # PostgreSQL refuses a NOTIFY of 8,000
_TOPIC, _TOKEN = b"huoji.topic", b"huoji.live"  # what a key is for


def topic(kind: str, identity: int | str) -> str:
    """Return the topic of a thing, such as `waybill:Yx3…`; without our key nobody can tell whose it is."""
    digest = hashlib.blake2b(f"{kind}:{identity}".encode(), key=_key(settings.SECRET_KEY, _TOPIC), digest_size=16)
    return f"{kind}:{digest.hexdigest()}"


@lru_cache(maxsize=8)
def _key(secret: str | bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(force_bytes(secret), person=purpose).digest()


def _signature(body: str, secret: str | bytes) -> str:
    return hashlib.blake2b(body.encode(), key=_key(secret, _TOKEN), digest_size=16).hexdigest()


def token(topics: Sequence[str], now: datetime) -> str:
    """Return a token for these topics, good for ten minutes; the page got it by its own permission."""
    if len(topics) > TOPICS_MAX:
        raise ValueError(f"at most {TOPICS_MAX} topics a token")
    until = int((now + TOKEN_LIFE).timestamp())
    body = base64.urlsafe_b64encode(" ".join((str(until), *topics)).encode()).decode()
    return f"{body}:{_signature(body, settings.SECRET_KEY)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token allows to hear, and until when (seconds since 1970)."""

    topics: tuple[str, ...]
    until: int


def read_token(text: str, *, now: datetime) -> Grant | None:
    """Return what the token grants, or None when it is not ours or too old."""
    body, _, signature = text.rpartition(":")
    if not text.isascii() or not any(
        hmac.compare_digest(signature, _signature(body, secret))
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ):
        return None
    until, *topics = base64.urlsafe_b64decode(body).decode().split()
    return Grant(topics=tuple(topics), until=int(until)) if int(until) > now.timestamp() else None


def url(request: HttpRequest) -> str:
    """Return where the page finds the stream: the setting, or our own port beside the page's host."""
    if settings.HUOJI.live_url:
        return settings.HUOJI.live_url
    host = request.get_host()
    bare = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return f"{request.scheme}://{bare}:{settings.HUOJI.live_port}/live/"


def payloads(topics: Sequence[str]) -> Iterator[str]:
    """Pack topics into as few payloads as PostgreSQL allows."""
    line: list[str] = []
    size = 0
    for each in dict.fromkeys(topics):
        if size + len(each) + 1 > PAYLOAD_BYTES_MAX:
            yield " ".join(line)
            line, size = [], 0
        line.append(each)
        size += len(each) + 1
    if line:
        yield " ".join(line)


def send(topics: Sequence[str]) -> None:
    """Tell all live processes that these things changed; only handlers of the outbox may call it.

    A NOTIFY takes a lock of the whole cluster at commit, so it has no place in a business transaction.
    """
    with connection.cursor() as cursor:
        cursor.executemany("SELECT pg_notify(%s, %s)", [(CHANNEL, payload) for payload in payloads(topics)])
