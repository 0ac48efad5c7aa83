"""Accent colours that can be read: contrast by WCAG 2.2 and the nearest shade that passes."""

import re
from dataclasses import dataclass
from functools import lru_cache

HEX = re.compile(r"#[0-9a-fA-F]{6}")
LINK = 5.5  # above WCAG's 4.5: links also stand on tinted paper, which takes some of the contrast
WHITE, BLACK = "#ffffff", "#000000"  # on any colour one of the two has at least 4.58
LINEAR_BELOW = 0.04045  # sRGB, IEC 61966-2-1
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accent:
    """One accent colour with the shades that stay readable: as a button, as a link in the light and in the dark."""

    fill: str
    fill_rgb: str
    on_fill: str
    link_light: str
    link_dark: str


def rgb(colour: str) -> Rgb:
    """Split `#rrggbb`."""
    if not HEX.fullmatch(colour):
        raise ValueError(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def text_on(colour: str) -> str:
    """Return white or black, whichever is easier to read on this colour."""
    return max((WHITE, BLACK), key=lambda ink: contrast(colour, ink))


def readable_on(colour: str, *, paper: str) -> str:
    """Return the colour itself, or the nearest shade of it that can be read on this paper."""
    towards = text_on(paper)
    for step in range(21):
        shade = _mix(colour, towards, share=step / 20)
        if contrast(shade, paper) >= LINK:
            return shade
    return towards


@lru_cache(maxsize=8)
def accent(colour: str) -> Accent:
    """Return the shades of one accent colour."""
    return Accent(
        fill=colour,
        fill_rgb=", ".join(map(str, rgb(colour))),
        on_fill=text_on(colour),
        link_light=readable_on(colour, paper="#f6f8fb"),
        link_dark=readable_on(colour, paper="#1f2937"),
    )


def _mix(one: str, other: str, *, share: float) -> str:
    pairs = zip(rgb(one), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
