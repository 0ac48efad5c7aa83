"""Serve a few named files of node_modules as static files under vendor/, without a bundler."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.core.files.storage import FileSystemStorage

FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "idiomorph/idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
    "zxing/zxing-browser.min.js": "@zxing/browser/umd/zxing-browser.min.js",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "topojson/topojson-client.min.js": "topojson-client/dist/topojson-client.min.js",
    "atlas/land-50m.json": "world-atlas/land-50m.json",
}


class VendorFinder(BaseFinder):
    """Map `vendor/NAME` to one file below `settings.NODE_MODULES`; nothing else of that folder is reachable."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.root = Path(settings.NODE_MODULES)
        self.storage = _Renaming(self.root)

    def check(self, **_kwargs: Any) -> list[CheckMessage]:
        missing = sorted(source for source in FILES.values() if not (self.root / source).is_file())
        if not missing:
            return []
        return [
            CheckWarning(
                f"{len(missing)} front-end files are missing, the first is {missing[0]}",
                hint="Run `make install` (npm ci --ignore-scripts).",
                id="huoji.W001",
            ),
        ]

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        source = FILES.get(path.removeprefix("vendor/")) if path.startswith("vendor/") else None
        found = self.root / source if source else None
        if found is None or not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name, source in FILES.items():
            if (self.root / source).is_file():
                yield f"vendor/{name}", self.storage


class _Renaming(FileSystemStorage):
    """Read `vendor/NAME` from where npm put it."""

    def __init__(self, root: Path) -> None:
        super().__init__(location=root)

    def path(self, name: str) -> str:
        return str(Path(self.location) / FILES[name.removeprefix("vendor/")])
