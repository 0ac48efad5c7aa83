"""The carrier's own face: name, logo, hotline, accent colour and the telephones of its departments, as every page shows them."""

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.safestring import SafeString, mark_safe

from huoji.apps.accounts import actions
from huoji.core.permission import Actor
from huoji.kit import blob, choice
from huoji.web.colour import Accent, accent

DEFAULT_ACCENT = "#0b5cab"
CHOICE = "brand"
CACHE_S = 5.0  # after this long every process shows what another one saved
PHONES_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One department's telephone as it is published; `filed_114` when directory enquiries (114) has it."""

    department: str
    number: str
    filed_114: bool = False
    filed_on: str = ""  # ISO date

    @property
    def dial(self) -> str:
        return dialled(self.number)

    @property
    def filed_day(self) -> date | None:
        return date.fromisoformat(self.filed_on) if self.filed_on else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What customers see of the company; empty fields are left out of the page."""

    name: str = ""
    hotline: str = ""
    hours: str = ""
    email: str = ""
    logo: str = ""  # sha256 of the stored picture
    accent: str = DEFAULT_ACCENT
    map_shown: bool = False  # a geographic map on the public page is the operator's duty to have approved
    map_review: str = ""  # its review number, shown on it
    phones: tuple[Phone, ...] = ()

    @property
    def colours(self) -> Accent:
        return accent(self.accent)

    @property
    def hotline_dial(self) -> str:
        return dialled(self.hotline)

    @property
    def style(self) -> SafeString:
        """The colours as CSS variables; every value is `#rrggbb` or three numbers, so nothing of it needs escaping."""
        shades = self.colours
        return mark_safe(  # noqa: S308
            f":root,[data-bs-theme]{{--tblr-primary:{shades.fill};--tblr-primary-rgb:{shades.fill_rgb};"
            f"--hj-on-fill:{shades.on_fill};--hj-link-light:{shades.link_light};--hj-link-dark:{shades.link_dark}}}",
        )


def dialled(number: str) -> str:
    """Return a telephone number as a telephone dials it."""
    return re.sub(r"[^0-9+]", "", number)


class _Memory:
    """What this process last read, and until when it is good: every public page asks."""

    brand = Brand()
    until = 0.0


def current() -> Brand:
    """Return the brand as it stands; while the database is away, as it stood."""
    if time.monotonic() >= _Memory.until:
        try:
            remember(read(choice.get(CHOICE)))
        except DatabaseError:
            remember(_Memory.brand)
    return _Memory.brand


def remember(brand: Brand, *, for_s: float = CACHE_S) -> None:
    """Use this brand for so long."""
    _Memory.brand, _Memory.until = brand, time.monotonic() + for_s


def read(value: dict[str, Any]) -> Brand:
    """Return a stored brand; fields of another version are passed over."""
    known = {field.name for field in fields(Brand)}
    kept = {name: value[name] for name in value if name in known}
    phones = tuple(Phone(**phone) for phone in kept.pop("phones", ()))
    return Brand(**kept, phones=phones)


def change(actor: Actor, brand: Brand, *, logo: tuple[bytes, str] | None = None) -> Brand:
    """Keep the brand, with a new logo (bytes and content type) where one is given, and write what changed into the audit."""
    before = read(choice.get(CHOICE))
    with transaction.atomic():
        if logo:
            brand = replace(brand, logo=blob.put(logo[0], content_type=logo[1], actor=actor))
        old, new = asdict(before), asdict(brand)
        choice.put(CHOICE, new)
        changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
        actions.record_audit(actor, verb="brand.change", target="installation", changed=changed)
    remember(brand)
    return brand


def with_phones(brand: Brand, phones: Sequence[Phone]) -> Brand:
    return replace(brand, phones=tuple(phones)[:PHONES_MAX])
