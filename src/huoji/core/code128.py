"""Code 128 (ISO/IEC 15417), character set B: text as bars and spaces in whole modules."""

_PATTERNS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
_START_B, _STOP, _MODULUS = 104, 106, 103
_FIRST, _LAST = 32, 126  # printable ASCII


def widths(text: str) -> list[int]:
    """Return the widths in modules of bar, space, bar, … ; raises ValueError beyond printable ASCII."""
    if not text or any(not _FIRST <= ord(char) <= _LAST for char in text):
        raise ValueError("Code 128 B holds one or more printable ASCII characters")
    values = [ord(char) - _FIRST for char in text]
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % _MODULUS
    return [int(width) for value in (_START_B, *values, check, _STOP) for width in _PATTERNS[value]]


def svg(text: str, *, module_mm: float, height_mm: float, quiet_modules: int = 10) -> tuple[str, float]:
    """Return an SVG of the bars as one path, and its width in mm with the quiet zones.

    `module_mm` must be whole dots of the printer (203 dpi: 0.25 mm is two), or scanners misread it.
    """
    at, path = quiet_modules, []
    for index, width in enumerate(widths(text)):
        if index % 2 == 0:
            path.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    total = at + quiet_modules
    width_mm = total * module_mm
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm}mm" height="{height_mm}mm" viewBox="0 0 {total} 1" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{"".join(path)}"/></svg>'
    )
    return picture, width_mm
