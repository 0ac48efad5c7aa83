"""The disk is full when a file comes in: the sender is told, nothing half is kept, and the next try works."""

import subprocess

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huoji.apps.shipments.models import Batch
from huoji.kit.models import Blob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small_disk(tmp_path, settings):
    """A disk of 256 KB for files, as only root may make one."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root may mount a small disk here")
    storage = {"BACKEND": "huoji.kit.blob.DurableStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def upload(client, data: bytes):
    return client.post("/app/imports/new", {"file": SimpleUploadedFile("orders.csv", data, content_type="text/csv")})


def test_an_upload_that_finds_no_room_says_so_and_leaves_nothing_behind(small_disk, client_of):
    clerk = client_of("cs_supervisor")
    clerk.raise_request_exception = False
    large = b"number,goods\n" + b"".join(b"N%07d,cloth\n" % row for row in range(40_000))
    refused = upload(clerk, large)
    assert refused.status_code == 507
    assert "磁盘已满" in refused.text
    assert "没有保存" in refused.text
    assert (Batch.objects.count(), Blob.objects.count()) == (0, 0)
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    assert upload(clerk, large[:2_000]).status_code == 302
    assert Batch.objects.count() == 1
