"""The token of a form on a public page, from two random numbers: Django draws each of its 64 letters alone, a tenth of the page's time."""

import secrets

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS as LETTERS
from django.middleware.csrf import CSRF_SECRET_LENGTH as LENGTH

_PLACE = {letter: place for place, letter in enumerate(LETTERS)}


def form_token(request: HttpRequest) -> str:
    """Return what `get_token` returns, as Django's middleware checks it: the visitor's secret behind a new mask."""
    secret = request.META.setdefault("CSRF_COOKIE", word())
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    mask = word()
    count = len(LETTERS)
    return mask + "".join(LETTERS[(_PLACE[a] + _PLACE[b]) % count] for a, b in zip(secret, mask, strict=True))


def word() -> str:
    """Return random letters; a number of 256 bits falls on each of them equally, to one in 2^60."""
    rest = secrets.randbits(256)
    letters = []
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)
