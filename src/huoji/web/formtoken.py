"""The token of a form on a public page, from two draws of random bytes: Django draws each of its 64 letters alone, a tenth of the page's time."""

import os

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS as LETTERS
from django.middleware.csrf import CSRF_SECRET_LENGTH as LENGTH

_FAIR = 256 - 256 % len(LETTERS)  # bytes below fall on each letter equally often
_UNFAIR = bytes(range(_FAIR, 256))
_LETTER = bytes(ord(LETTERS[each % len(LETTERS)]) for each in range(256))
_PLACE = bytes(max(LETTERS.find(chr(each)), 0) for each in range(256))
DRAWN = 2 * LENGTH  # bytes; that half of them are unfair does not happen


def form_token(request: HttpRequest) -> str:
    """Return what `get_token` returns, as Django's middleware checks it: the visitor's secret behind a new mask."""
    secret: str = request.META.setdefault("CSRF_COOKIE", word())
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    mask = word()
    # The places of both are added as one long number: two places are less than a byte, so that nothing is carried over.
    places = int.from_bytes(_places(secret)) + int.from_bytes(_places(mask))
    return mask + places.to_bytes(LENGTH).translate(_LETTER).decode("ascii")


def _places(letters: str) -> bytes:
    return letters.encode("ascii").translate(_PLACE)


def word() -> str:
    """Return random letters, each as likely as the others."""
    letters = b""
    while len(letters) < LENGTH:
        letters = os.urandom(DRAWN).translate(_LETTER, _UNFAIR)
    return letters[:LENGTH].decode("ascii")
