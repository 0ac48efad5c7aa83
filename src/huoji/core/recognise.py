"""Guess what a number is, and find the numbers in pasted text.

A number is never judged by its shape alone: what comes back is a ranked list, and a wrong check digit lowers the rank
instead of refusing, because real ships and real parcels carry faulty numbers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from stdnum import damm, imo, iso6346
from stdnum.cn import ric, uscc

from huoji.core import carriers
from huoji.core.numbers import DEFAULT_PREFIX, half_width, has_waybill_shape, normalise

NUMBER_CHARS_MAX = 35  # of a DCSA booking reference, the longest we know
NUMBERS_MAX = 50
TEXT_CHARS_MAX = 10_000
GROUPS_MAX = 8  # blank-separated groups that one number may be written in


class Kind(StrEnum):
    """What a number may name."""

    WAYBILL = "waybill"  # our own
    PARCEL = "parcel"  # another carrier's or a post's
    CONTAINER = "container"
    BILL = "bill"  # bill of lading
    VESSEL = "vessel"  # by IMO number
    STATION = "station"  # a ship's radio station, by MMSI


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One thing that a number may be. `check_ok` is None where there is no check digit; `service` is that of S10."""

    kind: Kind
    issuer: str
    confidence: float
    check_ok: bool | None = None
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Numbers of a pasted text in its order, and what was left out: numbers over the limit, and text over the length."""

    numbers: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    chars_left_out: int = 0


S10 = re.compile(r"(?P<service>[A-Z]{2})(?P<serial>\d{8})(?P<check>\d)(?P<country>[A-Z]{2})")
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
CONTAINER = re.compile(r"[A-Z]{3}[UJZ]\d{7}")
IMO = re.compile(r"(?P<label>IMO)?(?P<digits>\d{7})")
MMSI = re.compile(r"(?P<label>MMSI)?(?P<digits>[2-7]\d{8})")
BILL_CHARS_USUAL = 12
BILL = re.compile(r"(?P<scac>[A-Z]{4})(?=[A-Z0-9]*\d{4})[A-Z0-9]{5,16}")


def recognise(number: str, *, prefix: str = DEFAULT_PREFIX) -> list[Guess]:
    """Return what the number may be, best guess first; empty when it looks like nothing we know."""
    text = normalise(number)
    guesses = [*own(text, prefix=prefix), *postal(text), *container(text), *bill(text), *vessel(text), *parcel(text)]
    best: dict[tuple[Kind, str], Guess] = {}
    for guess in sorted(guesses, key=lambda each: -each.confidence):
        best.setdefault((guess.kind, guess.issuer), guess)
    return list(best.values())


def own(text: str, *, prefix: str) -> list[Guess]:
    if not has_waybill_shape(text, prefix=prefix):
        return []
    ok = damm.is_valid(text[len(prefix) :])
    return [Guess(kind=Kind.WAYBILL, issuer="", confidence=1.0 if ok else 0.5, check_ok=ok)]


def postal(text: str) -> list[Guess]:
    """UPU S10: two letters, eight digits, a check digit and the country."""
    found = S10.fullmatch(text)
    if not found:
        return []
    ok = found["check"] == s10_check_digit(found["serial"])
    known = found["country"] in carriers.S10_COUNTRIES
    confidence = (0.97 if ok else 0.30) if known else (0.30 if ok else 0.10)
    service = carriers.S10_SERVICES.get(found["service"][0], "")
    return [
        Guess(
            kind=Kind.PARCEL,
            issuer=f"post-{found['country'].lower()}",
            confidence=confidence,
            check_ok=ok,
            service=service,
        )
    ]


def s10_check_digit(serial: str) -> str:
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def container(text: str) -> list[Guess]:
    """ISO 6346: owner, category, serial and check digit."""
    if not CONTAINER.fullmatch(text):
        return []
    ok = iso6346.calc_check_digit(text[:-1]) == text[-1]
    return [Guess(kind=Kind.CONTAINER, issuer=text[:4], confidence=0.95 if ok else 0.40, check_ok=ok)]


def bill(text: str) -> list[Guess]:
    """Read a bill of lading that starts with the line's SCAC; seven digits after it are more likely a container."""
    found = BILL.fullmatch(text)
    if not found or found["scac"] not in carriers.SCAC:
        return []
    worth = 0.35 if CONTAINER.fullmatch(text) else 0.88 if len(text) >= BILL_CHARS_USUAL else 0.50
    return [Guess(kind=Kind.BILL, issuer=found["scac"], confidence=worth)]


def vessel(text: str) -> list[Guess]:
    guesses = []
    if found := IMO.fullmatch(text):
        ok = imo.is_valid(found["digits"])
        worth = 0.98 if found["label"] else 0.60
        guesses.append(Guess(kind=Kind.VESSEL, issuer="", confidence=worth if ok else worth / 3, check_ok=ok))
    if found := MMSI.fullmatch(text):
        worth = 0.98 if found["label"] else 0.45 if found["digits"][:3] in carriers.MARITIME_IDS else 0.20
        guesses.append(Guess(kind=Kind.STATION, issuer=found["digits"][:3], confidence=worth))
    return guesses


def parcel(text: str) -> list[Guess]:
    """Shapes of other carriers; the check digit of 顺丰 is hearsay and only moves the rank a little."""
    guesses = []
    for shape in carriers.SHAPES:
        if shape.pattern.fullmatch(text):
            ok = shunfeng_check_ok(text) if shape.issuer == "shunfeng" else None
            confidence = shape.worth + (0.05 if ok else 0.0)
            guesses.append(Guess(kind=Kind.PARCEL, issuer=shape.issuer, confidence=confidence, check_ok=ok))
    return guesses


def shunfeng_check_ok(text: str) -> bool:
    """Test the check digit that one third party published: weights 1, 3, 5… from the right, digits of the products summed."""
    *serial, check = map(int, re.sub(r"\D", "", text)[3:])
    total = sum(sum(divmod(digit * (2 * place + 1), 10)) for place, digit in enumerate(reversed(serial)))
    return (10 - total % 10) % 10 == check


# ---- finding numbers in text -------------------------------------------------------------------------------------

STRONG = 0.85  # a guess that may join groups written apart, such as `CSQU 305438 3`
GROUP_CHARS_MAX = 5  # groups as short as this are no numbers of their own, so a weak shape may join them
JOINED_DIGITS_MIN = 10
WORD_CHARS_MIN = 6
DIGITS_ALONE_MIN = 7
DIGITS_AMONG_LETTERS_MIN = 4
BREAK = " ; "
BLANKS = re.compile(r"[ \t]+")

MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]+")
AMOUNT = re.compile(r"[¥$€]\s*\d[\d,.]*|(?<![\w.,])\d++(?:,\d{3})*+\.\d++(?!\w)")
DATE = r"(?:19|20)\d\d(?P<s>[-/.年 ]?)(?:0?[1-9]|1[0-2])(?:(?P=s)|月)(?:0?[1-9]|[12]\d|3[01])日?"
DATE_TIME = re.compile(
    rf"(?<![\dA-Za-z])(?:{DATE}(?:[T ]?(?:[01]\d|2[0-3]):?[0-5]\d(?::?[0-5]\d)?)?|\d{{1,2}}:\d\d(?::\d\d)?)(?:Z|[+-]\d\d:?\d\d)?(?![\dA-Za-z])"
)
PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:"
    r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?:-\d{1,6})?"
    r"|0(?:10|2\d|[3-9]\d\d)[- ]?[1-9]\d{6,7}(?:-\d{1,6})?"
    r"|[48]00-\d{3,4}-\d{3,4}"
    r"|\+\d{1,3}[- ]?\d(?:[- ]?\d){6,12}"
    r")(?![\dA-Za-z])"
)
RESIDENT = re.compile(
    r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])|(?<![\dA-Za-z])[0-9A-HJ-NP-RT-UW-Y]{18}(?![\dA-Za-z])"
)
# Between two groups of one number stand blanks or a dash; anything else ends it.
RUN = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*(?:[ \t]+[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*)*")
LABELS = re.compile(r"(?:IMO|MMSI)(?=\d{7})")


def find(text: str, *, limit: int, prefix: str = DEFAULT_PREFIX) -> Found:
    """Find tracking numbers in Chinese or English text: in its order, normalised, each once.

    Dates, amounts, mail addresses, phones and identity numbers are no tracking numbers. When nothing else is found, a line
    that is one word is taken as it is: it may be a customer's own reference, or a number that looks like a phone or a date.
    """
    lines = RESIDENT.sub(blank_if_identity, MAIL.sub(BREAK, half_width(text[:TEXT_CHARS_MAX])))
    sentence = RUN.sub(lambda run: join_strong(run.group(), prefix=prefix), lines)
    for unwanted in (AMOUNT, DATE_TIME, PHONE):
        sentence = unwanted.sub(BREAK, sentence)
    numbers = numbers_of_sentence(sentence) or lone_words(lines)
    return Found(
        numbers=tuple(numbers[:limit]),
        left_out=tuple(numbers[limit:]),
        chars_left_out=max(0, len(text) - TEXT_CHARS_MAX),
    )


def blank_if_identity(found: re.Match[str]) -> str:
    text = found.group()
    return BREAK if ric.is_valid(text) or uscc.is_valid(text) else text


def numbers_of_sentence(text: str) -> list[str]:
    runs = (BLANKS.split(run.group()) for run in RUN.finditer(text))
    return list(dict.fromkeys(number for groups in runs for number in numbers_of_run(groups)))


def lone_words(text: str) -> list[str]:
    words = [normalise(line) for line in text.splitlines() if len(line.split()) == 1]
    return list(
        dict.fromkeys(word for word in words if len(word) <= NUMBER_CHARS_MAX and word.isalnum() and has_digit(word))
    )


def has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def join_strong(run: str, *, prefix: str) -> str:
    """Write groups together that make one certain number, so that none of its parts is taken for a phone or a date."""
    words = (group for _, group in joined(BLANKS.split(run), lambda groups: is_certain(groups, prefix=prefix)))
    return " ".join(undashed(word, prefix=prefix) for word in words)


def undashed(word: str, *, prefix: str) -> str:
    """Drop the dashes inside a certain number, which could make a part of it look like a phone."""
    plain = normalise(word)
    certain = plain != word and not plain.isdigit() and WORD_CHARS_MIN <= len(plain) <= NUMBER_CHARS_MAX
    return plain if certain and best_confidence(plain, prefix=prefix) >= STRONG else word


def numbers_of_run(groups: list[str]) -> list[str]:
    """Read the groups between blanks: short digit groups together if they make a number, else each for itself."""
    words = ((taken, LABELS.sub("", normalise(word))) for taken, word in joined(groups, is_split_digits))
    return [word for taken, word in words if taken > 1 or is_number_like(word)]


def joined(groups: list[str], belong: Callable[[list[str]], bool]) -> Iterator[tuple[int, str]]:
    """Yield how many groups were taken and their text, the longest that belong together first."""
    start = 0
    while start < len(groups):
        ends = range(min(len(groups), start + GROUPS_MAX), start + 1, -1)
        end = next((end for end in ends if belong(groups[start:end])), start + 1)
        yield end - start, "".join(groups[start:end])
        start = end


def is_certain(groups: list[str], *, prefix: str) -> bool:
    word = normalise("".join(groups))
    if not WORD_CHARS_MIN <= len(word) <= NUMBER_CHARS_MAX or word.isdigit() or not has_digit(word):
        return False
    worth = best_confidence(word, prefix=prefix)
    return worth >= STRONG and all(best_confidence(group, prefix=prefix) < worth for group in groups)


def is_split_digits(groups: list[str]) -> bool:
    word = "".join(groups)
    return (
        JOINED_DIGITS_MIN <= len(word) <= NUMBER_CHARS_MAX
        and word.isdigit()
        and all(len(group) <= GROUP_CHARS_MAX for group in groups)
        and bool(recognise(word))
    )


def best_confidence(word: str, *, prefix: str) -> float:
    return max((guess.confidence for guess in recognise(word, prefix=prefix)), default=0.0)


def is_number_like(word: str) -> bool:
    """Tell whether a word in a sentence may be a number: seven digits, or letters with at least four."""
    digits = sum(map(str.isdigit, word))
    if not WORD_CHARS_MIN <= len(word) <= NUMBER_CHARS_MAX:
        return False
    return digits >= (DIGITS_ALONE_MIN if digits == len(word) else DIGITS_AMONG_LETTERS_MIN)
