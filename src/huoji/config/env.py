"""Typed settings of the installation, read once from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """What the operator may set; see docs/reference/settings.md."""

    data_dir: Path
    database_url: str
    owner_database_url: str
    debug: bool
    secret_key: str


def load() -> Env:
    """Read HUOJI_* from the environment."""
    data_dir = Path(os.environ.get("HUOJI_DATA_DIR", ".huoji")).resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file = data_dir / "secret.key"
    if not key_file.exists():
        key_file.write_text(secrets.token_urlsafe(48))
        key_file.chmod(0o600)
    return Env(
        data_dir=data_dir,
        database_url=os.environ.get("HUOJI_DATABASE_URL", ""),
        owner_database_url=os.environ.get("HUOJI_OWNER_DATABASE_URL", ""),
        debug=os.environ.get("HUOJI_DEBUG", "") == "1",
        secret_key=key_file.read_text(),
    )
