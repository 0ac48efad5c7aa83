"""The carrier's own face: name, logo, hotline and accent colour, as every page shows them."""

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from huoji.web.colour import Accent, accent

DEFAULT_ACCENT = "#0b5cab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What customers see of the company; empty fields are left out of the page."""

    name: str = ""
    hotline: str = ""
    hours: str = ""
    email: str = ""
    logo: str = ""  # sha256 of the stored picture
    accent: str = DEFAULT_ACCENT

    @property
    def colours(self) -> Accent:
        return accent(self.accent)

    @property
    def hotline_dial(self) -> str:
        """The hotline as a telephone dials it."""
        return re.sub(r"[^0-9+]", "", self.hotline)

    @property
    def style(self) -> SafeString:
        """The colours as CSS variables; every value is `#rrggbb` or three numbers, so nothing of it needs escaping."""
        shades = self.colours
        return mark_safe(  # noqa: S308
            f":root,[data-bs-theme]{{--tblr-primary:{shades.fill};--tblr-primary-rgb:{shades.fill_rgb};"
            f"--hj-on-fill:{shades.on_fill};--hj-link-light:{shades.link_light};--hj-link-dark:{shades.link_dark}}}",
        )


def current() -> Brand:
    """Return the brand as it stands."""
    return Brand()
