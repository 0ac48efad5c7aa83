"""The installation that the tests run against: a data folder of its own, quick passwords, plain static files."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
for name in [name for name in os.environ if name.startswith("HUOJI_") and not name.startswith("HUOJI_TEST_")]:
    if name != "HUOJI_CONFORMANCE_DATA":
        del os.environ[name]
os.environ["HUOJI_DATA_DIR"] = str(CHECKOUT / ".huoji-test")

from huoji.config.settings import *  # noqa: E402, F403  settings read the environment that was just set
from huoji.config.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A pool outlives the test that opened it and would keep the test database from being dropped.
DATABASES["default"]["OPTIONS"].pop("pool", None)
