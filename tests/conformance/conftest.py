"""Data that others made: found in a folder that the project does not ship, or the test skips and says so."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def foreign() -> Path:
    root = Path(os.environ.get("HUOJI_CONFORMANCE_DATA", "../shared/data"))
    if not root.is_dir():
        pytest.skip(f"no foreign data at {root}: set HUOJI_CONFORMANCE_DATA")
    return root.resolve()
