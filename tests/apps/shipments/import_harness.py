"""Runs one import in a process of its own, to be killed: import_harness.py DATABASE BLOBS BATCH; a line a chunk that was told."""

import sys

import django
from django.conf import settings


def main() -> None:
    name, blobs, batch_id = sys.argv[1], sys.argv[2], int(sys.argv[3])
    settings.DATABASES["default"]["NAME"] = name
    settings.STORAGES["default"] = {"BACKEND": "huoji.kit.blob.DurableStorage", "OPTIONS": {"location": blobs}}
    django.setup()
    from huoji.apps.shipments.actions import importing

    def told(batch) -> None:
        sys.stdout.write(f"{batch.counts.get('shipments_new', 0)}\n")
        sys.stdout.flush()

    importing.run(batch_id, told=told)


if __name__ == "__main__":
    main()
