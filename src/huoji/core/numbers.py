"""Our own waybill numbers: unique without coordination, not guessable, and proof against a mistyped digit."""

import re
from hashlib import blake2b

from stdnum import damm

DEFAULT_PREFIX = "HJ"
SERIAL_DIGITS = 12
SEQUENCE_MAX: int = 10**SERIAL_DIGITS - 1
KEY_BYTES_MIN = 16
KEY_BYTES_MAX = 64  # of BLAKE2b

HALF: int = 10 ** (SERIAL_DIGITS // 2)
ROUNDS = 10  # as FF1 of NIST SP 800-38G, which ours resembles but does not claim to be

PREFIX_SHAPE = re.compile(r"[A-Z]{1,4}")

# Full-width letters, digits and signs stand at a fixed distance from ASCII; all other look-alikes are listed.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣⁃"), "-")
SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")
INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"),
    None,
)
LOOK_ALIKES = {**FULL_WIDTH, **DASHES, **SPACES, **INVISIBLE}
SEPARATORS = re.compile(r"[\s\-._]+")


class NumberError(ValueError):
    """The text is no waybill number of ours: wrong shape or wrong check digit."""


def half_width(text: str) -> str:
    """Return the text with full-width characters, odd dashes and odd spaces as ASCII, invisible ones removed."""
    return text.translate(LOOK_ALIKES)


def normalise(text: str) -> str:
    """Return a number as it is stored and compared: half-width, upper case, without spaces, dashes, dots and underscores."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return SEPARATORS.sub("", half_width(text)).upper()


def waybill_number(sequence: int, *, key: bytes, prefix: str) -> str:
    """Return the number of the n-th waybill: prefix, 12 digits that look random, and a check digit.

    The 12 digits are a keyed permutation of the sequence, so two sequences never share a number.
    Whoever changes the key of a running installation must start the sequence in a range that was never used under another
    prefix: the permutation of a new key may repeat numbers of the old one.
    """
    if not 0 <= sequence <= SEQUENCE_MAX:
        raise ValueError(f"a sequence lies between 0 and {SEQUENCE_MAX}")
    if not PREFIX_SHAPE.fullmatch(prefix):
        raise ValueError("a prefix is 1 to 4 capital letters")
    serial = f"{permute(sequence, key=key):0{SERIAL_DIGITS}d}"
    return prefix + serial + damm.calc_check_digit(serial)


def sequence_of(number: str, *, key: bytes, prefix: str) -> int:
    """Return which sequence a number was made from, and so from which reserved block it comes."""
    canonical = parse_waybill_number(number, prefix=prefix)
    return unpermute(int(canonical[len(prefix) : -1]), key=key)


def parse_waybill_number(text: str, *, prefix: str) -> str:
    """Return the canonical form of one of our numbers however it was written; raise NumberError otherwise."""
    canonical = normalise(text)
    if not has_waybill_shape(canonical, prefix=prefix) or not damm.is_valid(canonical[len(prefix) :]):
        raise NumberError(text[:40])
    return canonical


def is_waybill_number(text: str, prefix: str) -> bool:
    """Tell whether the text is one of our numbers with a right check digit; it need not have been given out."""
    try:
        parse_waybill_number(text, prefix=prefix)
    except NumberError:
        return False
    return True


def has_waybill_shape(canonical: str, *, prefix: str) -> bool:
    """Tell whether a normalised text has our prefix and length, whatever its check digit."""
    digits = canonical[len(prefix) :]
    return canonical.startswith(prefix) and len(digits) == SERIAL_DIGITS + 1 and digits.isascii() and digits.isdigit()


def permute(value: int, *, key: bytes) -> int:
    """Map 0..10^12-1 onto itself by a Feistel network over two halves of 10^6; exact, so nothing has to be walked."""
    left, right = divmod(value, HALF)
    for number in range(ROUNDS):
        left, right = right, (left + scramble(right, number=number, key=key)) % HALF
    return left * HALF + right


def unpermute(value: int, *, key: bytes) -> int:
    """Undo `permute`."""
    left, right = divmod(value, HALF)
    for number in reversed(range(ROUNDS)):
        left, right = (right - scramble(left, number=number, key=key)) % HALF, left
    return left * HALF + right


def scramble(half: int, *, number: int, key: bytes) -> int:
    """Return the keyed round function: a 64-bit MAC of the round and one half."""
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(f"a key has {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    message = number.to_bytes(1, "big") + half.to_bytes(4, "big")
    return int.from_bytes(blake2b(message, digest_size=8, key=key).digest(), "big")
