"""Static files with hashed names once they are collected, with plain names before."""

from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's storage, made to live with files that were built elsewhere.

    Source maps are not shipped, so references to them are left alone instead of failing `collectstatic`.
    A file that was not collected keeps its plain name: WhiteNoise then serves it through the finders.
    """

    manifest_strict = False
    patterns = tuple(
        (glob, tuple(rule for rule in rules if "sourceMappingURL" not in (rule if isinstance(rule, str) else rule[0])))
        for glob, rules in CompressedManifestStaticFilesStorage.patterns
    )

    def stored_name(self, name: str) -> Any:
        if settings.DEBUG:  # who changes a style wants to see it
            return name
        known = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return known if known is not None else name
