"""One name for each EPC: URN and GS1 Digital Link forms of the same key come out equal (GS1 TDS 2.0, Digital Link 1.2)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

DIGITAL_LINK = "https://id.gs1.org"
URN = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):(.+)", re.DOTALL)
LINK = re.compile(
    r"https?://[^/?#]+(?:/[^?#]*?)?/(?P<ai>00|01|253|255|401|402|414|417|8003|8004|8006|8010|8017|8018)/(?P<key>[^/?#]+)(?P<rest>(?:/\d{2,4}/[^/?#]+)*)/?(?:[?#].*)?",
    re.DOTALL,
)
GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Epc:
    """An EPC as one canonical name, its kind (`sscc`, `sgtin`, `grai`…, or nothing when unknown) and the number people read off the label."""

    canonical: str
    kind: str = ""
    number: str = ""


def check_digit(digits: str) -> str:
    """Work out the GS1 check digit that follows these digits (weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def identify(text: str) -> Epc:
    """Name an EPC; what is no well-formed GS1 key keeps its own text as its name."""
    if (found := URN.fullmatch(text)) is not None:
        return _from_urn(found[1], found[2].split(".")) or Epc(text)
    if (found := LINK.fullmatch(text)) is not None:
        return _from_link(found["ai"], found["key"], found["rest"]) or Epc(text)
    return Epc(text)


def _digits(text: str, length: int) -> str:
    """Close a run of digits with its check digit; a wrong length raises ValueError."""
    if len(text) != length - 1 or not (text.isascii() and text.isdigit()):
        raise ValueError(text[:20])
    return text + check_digit(text)


def _gtin(company: str, item: str) -> str:
    return _digits(item[:1] + company + item[1:], 14)


def _serial(parts: list[str]) -> str:
    """Join what was cut apart: a serial may hold dots; the star of a pattern means none."""
    text = ".".join(parts)
    return "" if text == "*" else text


def _sgtin(company: str, item: str, *serial: str) -> tuple[str, str, str]:
    gtin, tail = _gtin(company, item), _serial(list(serial))
    return f"/01/{gtin}" + (f"/21/{tail}" if tail else ""), gtin, tail


def _sscc(company: str, reference: str) -> tuple[str, str, str]:
    sscc = _digits(reference[:1] + company + reference[1:], 18)
    return f"/00/{sscc}", sscc, ""


def _sgln(company: str, location: str, *extension: str) -> tuple[str, str, str]:
    gln, tail = _digits(company + location, 13), _serial(list(extension))
    tail = "" if tail == "0" else tail
    return f"/414/{gln}" + (f"/254/{tail}" if tail else ""), gln, tail


def _grai(company: str, asset: str, *serial: str) -> tuple[str, str, str]:
    grai = "0" + _digits(company + asset, 13) + _serial(list(serial))
    return f"/8003/{grai}", grai, ""


def _giai(company: str, *asset: str) -> tuple[str, str, str]:
    giai = company + ".".join(asset)
    return f"/8004/{giai}", giai, ""


def _plain(ai: str, length: int) -> Callable[..., tuple[str, str, str]]:
    """Make the reader of a key that is company prefix, reference and check digit, then perhaps a serial."""

    def read(company: str, reference: str, *serial: str) -> tuple[str, str, str]:
        key = _digits(company + reference, length) + _serial(list(serial))
        return f"/{ai}/{key}", key, ""

    return read


def _lgtin(company: str, item: str, *lot: str) -> tuple[str, str, str]:
    gtin, tail = _gtin(company, item), _serial(list(lot))
    return f"/01/{gtin}/10/{tail}", gtin, tail


def _upui(company: str, item: str, *extension: str) -> tuple[str, str, str]:
    gtin, tail = _gtin(company, item), _serial(list(extension))
    return f"/01/{gtin}/235/{tail}", gtin, tail


def _itip(company: str, item: str, piece: str, total: str, *serial: str) -> tuple[str, str, str]:
    key, tail = _gtin(company, item) + piece + total, _serial(list(serial))
    return f"/8006/{key}" + (f"/21/{tail}" if tail else ""), key, tail


def _cpi(company: str, part: str, *serial: str) -> tuple[str, str, str]:
    key, tail = company + part, _serial(list(serial))
    return f"/8010/{key}" + (f"/8011/{tail}" if tail else ""), key, tail


def _ginc(company: str, *reference: str) -> tuple[str, str, str]:
    key = company + ".".join(reference)
    return f"/401/{key}", key, ""


SCHEMES: dict[str, Callable[..., tuple[str, str, str]]] = {
    "sgtin": _sgtin,
    "sscc": _sscc,
    "sgln": _sgln,
    "grai": _grai,
    "giai": _giai,
    "gsrn": _plain("8018", 18),
    "gsrnp": _plain("8017", 18),
    "gdti": _plain("253", 13),
    "sgcn": _plain("255", 13),
    "pgln": _plain("417", 13),
    "gsin": _plain("402", 17),
    "ginc": _ginc,
    "cpi": _cpi,
    "itip": _itip,
    "lgtin": _lgtin,
    "upui": _upui,
}
KINDS = {
    "00": "sscc", "01": "sgtin", "253": "gdti", "255": "sgcn", "401": "ginc", "402": "gsin", "414": "sgln", "417": "pgln",
    "8003": "grai", "8004": "giai", "8006": "itip", "8010": "cpi", "8017": "gsrnp", "8018": "gsrn",
}  # fmt: skip


def _from_urn(scheme: str, parts: list[str]) -> Epc | None:
    reader = SCHEMES.get(scheme)
    if reader is None or not all(parts):
        return None
    try:
        path, key, tail = reader(*parts)
    except (TypeError, ValueError):  # too few parts, or digits that do not add up
        return None
    kind = "gtin" if scheme == "sgtin" and not tail else scheme
    return Epc(DIGITAL_LINK + path, kind, f"{key}.{tail}" if tail else key)


def _from_link(ai: str, key: str, rest: str) -> Epc | None:
    kind = KINDS[ai]
    if ai == "01":
        if len(key) not in GTIN_LENGTHS or not (key.isascii() and key.isdigit()):
            return None
        key = key.zfill(14)
        kind = "sgtin" if rest.startswith("/21/") else "lgtin" if rest.startswith("/10/") else "gtin"
    tail = rest.rpartition("/")[2]
    return Epc(f"{DIGITAL_LINK}/{ai}/{key}{rest}", kind, f"{key}.{tail}" if tail else key)
