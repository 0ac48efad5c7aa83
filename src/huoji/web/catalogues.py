"""Compile every message catalogue of the product: `python -m huoji.web.catalogues` (no Django needed)."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parent.parent


def catalogues() -> list[Path]:
    """Return every English catalogue, the one of web and those of the apps."""
    return sorted(SOURCE.glob("**/locale/*/LC_MESSAGES/django.po"))


def compile_all(*, force: bool = False) -> int:
    """Write the `.mo` beside each `.po` that is newer; return how many were written."""
    written = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if not force and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        partial = target.with_suffix(".mo.part")  # several processes may compile at once: the rename is atomic
        with partial.open("wb") as binary:
            write_mo(binary, catalogue)
        partial.replace(target)
        written += 1
    return written


if __name__ == "__main__":
    sys.stdout.write(f"{compile_all()} of {len(catalogues())} message catalogues compiled\n")
