"""Writes the reference files that are generated from code; `make docs` calls it and a test compares them."""

import os
import sys
from pathlib import Path

import django

REFERENCE = Path("docs/reference")


def render() -> dict[Path, bytes]:
    """Return each generated file with its content."""
    from huoji.web import api, catalogues, rolebook  # noqa: PLC0415 - Django must be set up first

    catalogues.compile_all()
    roles = rolebook.documents()
    return {
        REFERENCE / "openapi.json": api.document(),
        REFERENCE / "roles.md": roles["en"].encode(),
        REFERENCE / "roles.zh.md": roles["zh-hans"].encode(),
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
    django.setup()
    for path, content in render().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
