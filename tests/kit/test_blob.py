"""Blobs: what they are is looked at, where they were taken is forgotten, and nobody can change them."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error, connection, transaction
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from huoji.core.permission import system
from huoji.kit import blob
from huoji.kit.models import Blob
from huoji.kit.problem import Problem

ACTOR = system("tests")
PLACE = "31.2304N121.4737E"


def photo(form="JPEG", *, turned=False, size=(40, 20), mode="RGB"):
    """A photo with a place and an owner in its EXIF; the left half is red."""
    image = Image.new(mode, size, "blue" if mode == "RGB" else None)
    image.paste(Image.new(mode, (size[0] // 2, size[1]), "red"), (0, 0))
    exif = Image.Exif()
    exif[0x010E] = PLACE
    exif[0x9286] = "owner"
    if turned:
        exif[0x0112] = 6
    output = io.BytesIO()
    more = {"comment": PLACE} if form == "JPEG" else {}
    image.save(output, form, exif=exif, **more)
    return output.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_photo_loses_its_exif_and_keeps_its_picture(form, turned):
    given_bytes = photo(form, turned=turned)
    assert PLACE.encode() in given_bytes
    sha256 = blob.put(given_bytes, content_type=f"image/{form.lower()}", actor=ACTOR)
    with blob.open(sha256) as kept:
        data = kept.read()
    assert hashlib.sha256(data).hexdigest() == sha256
    assert PLACE.encode() not in data
    assert b"owner" not in data
    image = Image.open(io.BytesIO(data))
    assert not image.getexif()
    assert image.size == ((20, 40) if turned else (40, 20))
    red, _green, blue = image.convert("RGB").getpixel((10, 5))
    assert red > 200 > blue


@pytest.mark.django_db
def test_the_same_content_twice_is_one_blob():
    first = blob.put(b"a,b\n1,2\n", content_type="text/csv", actor=ACTOR)
    assert blob.put(b"a,b\n1,2\n", content_type="text/csv; charset=utf-8", actor=ACTOR) == first
    assert Blob.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("case", "data", "content_type", "code"),
    [
        ("HTML as a picture", b"<html><script>", "image/png", "file_type_refused"),
        ("HTML as text", b"  <html><script>", "text/plain", "file_type_refused"),
        ("a PDF as a picture", b"%PDF-1.7", "image/jpeg", "file_type_refused"),
        ("a program", b"\x7fELF", "application/octet-stream", "file_type_refused"),
        ("a zip that is no workbook", b"PK\x03\x04....", blob.XLSX, "file_type_refused"),
        ("binary as text", b"a\x00b", "text/csv", "file_type_refused"),
        ("a cut photo", photo()[:200], "image/jpeg", "file_unreadable"),
        ("a head without a body", b"\x89PNG\r\n\x1a\n", "image/png", "file_unreadable"),
        ("too much", b"%PDF-" + b"0" * blob.BLOB_BYTES_MAX, "application/pdf", "file_too_large"),
        ("a picture that explodes", photo("PNG", size=(9_000, 8_000), mode="1"), "image/png", "file_too_large"),
    ],
)
def test_what_is_not_what_it_claims_is_refused(case, data, content_type, code):
    with pytest.raises(Problem) as refusal:
        blob.put(data, content_type=content_type, actor=ACTOR)
    assert refusal.value.code == code, case
    assert Blob.objects.count() == 0


@given(st.binary(max_size=300), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBP", b""]))
def test_no_bytes_make_it_fail_otherwise_than_by_a_refusal(tail, head):
    data = head + tail
    found = blob.sniff(data, declared="")
    if found in blob.IMAGES:
        with pytest.raises(Problem):
            blob.without_exif(data, form=blob.IMAGES[found])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE kit_blob SET principal = 'x'", "DELETE FROM kit_blob", "TRUNCATE kit_blob"]
)
def test_a_blob_row_cannot_be_changed(statement):
    blob.put(b"a,b\n", content_type="text/csv", actor=ACTOR)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Blob.objects.get().principal == "system:tests"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_retention_removes_row_and_file_for_good():
    kept = blob.put(b"a,b\n", content_type="text/csv", actor=ACTOR)
    gone = blob.put(b"c,d\n", content_type="text/csv", actor=ACTOR)
    assert blob.remove([gone, "0" * 64]) == 1
    assert list(Blob.objects.values_list("sha256", flat=True)) == [kept]
    assert not default_storage.exists(blob.path_of(gone))
    with blob.open(kept) as file:
        assert file.read() == b"a,b\n"


@pytest.mark.django_db
class TestServing:
    def serve(self, sha256, *, allowed=True, dataset=""):
        request = RequestFactory().get("/x")
        return blob.serve(request, sha256, allowed=lambda _request: allowed, filename="pod.jpg", dataset=dataset)

    def test_a_photo_is_shown_and_can_do_nothing(self):
        answer = self.serve(blob.put(photo(), content_type="image/jpeg", actor=ACTOR))
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Disposition"].startswith("inline")
        assert b"".join(answer).startswith(b"\xff\xd8")

    def test_text_is_only_downloaded(self):
        answer = self.serve(blob.put(b"a,b\n", content_type="text/csv", actor=ACTOR))
        assert answer["Content-Disposition"].startswith("attachment")
        answer.close()

    def test_who_may_not_see_it_learns_not_even_that_it_exists(self):
        sha256 = blob.put(b"a,b\n", content_type="text/csv", actor=ACTOR)
        codes = set()
        for arguments in ({"allowed": False}, {"dataset": "other"}):
            with pytest.raises(Problem) as refusal:
                self.serve(sha256, **arguments)
            codes.add((refusal.value.code, refusal.value.status))
        with pytest.raises(Problem) as refusal:
            self.serve("0" * 64)
        assert codes == {(refusal.value.code, refusal.value.status)} == {("not_found", 404)}
        with pytest.raises(Problem):
            self.serve("../../etc/passwd")


def test_a_name_appears_only_with_its_whole_content(tmp_path, monkeypatch):
    storage = blob.DurableStorage(location=tmp_path)
    storage.save("ab/cd/abcd", ContentFile(b"first"))
    storage.save("ab/cd/abcd", ContentFile(b"first"))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["abcd"]

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.save("ef/gh/efgh", ContentFile(b"x" * 100))
    assert not storage.exists("ef/gh/efgh")
    assert not list(Path(tmp_path).rglob(".part-*")), "what could not be written is cleared away"
