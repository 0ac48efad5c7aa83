"""Files by content: named by their sha256, checked, without EXIF, stored once, never changed."""

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connections, transaction
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from huoji.core.permission import Actor
from huoji.kit.http import Request
from huoji.kit.models import Blob
from huoji.kit.problem import Problem, declare, of_status
from huoji.kit.roles import OWNER

BLOB_BYTES_MAX = 20 * 1024 * 1024
PIXELS_MAX = 60_000_000
JPEG_QUALITY = 90  # used only where a photo must be turned upright
SHA256_LENGTH = 64
TEXT_SAMPLE_BYTES = 4_096
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF16_SHARE = 0.3
# Recordings of vehicles, told apart by how they begin; taken only when they are declared as such.
RECORDINGS = {
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/wav": (b"RIFF",),
    "video/x-ms-wmv": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",),
}
TEXTS = frozenset({"text/csv", "text/plain", "application/json"})
SHOWN_INLINE = frozenset({*IMAGES, "application/pdf"})

declare("file_too_large", status=413, title=_("文件过大"))
declare("file_type_refused", status=415, title=_("不接受这种文件，或内容与所称类型不符"))
declare("file_unreadable", status=422, title=_("文件已损坏，无法读取"))


class DurableStorage(FileSystemStorage):
    """Files in a folder; a name appears only when its whole content is on the disk."""

    def _save(self, name: str, content: "File[bytes]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as part:
            try:
                for chunk in content.chunks():
                    part.write(chunk)
                part.flush()
                os.fsync(part.fileno())
            except BaseException:
                Path(part.name).unlink()
                raise
        Path(part.name).replace(target)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        del max_length
        return name  # the same name is the same content


def put(data: bytes, *, content_type: str, actor: Actor, dataset: str = "") -> str:
    """Store a file and return its sha256; call it in the transaction of the action that refers to it.

    Images lose their EXIF (place, device, owner), so the digest is that of what is kept. The same content twice is one blob.
    """
    if len(data) > BLOB_BYTES_MAX:
        raise Problem("file_too_large", 413, limit_bytes=BLOB_BYTES_MAX)
    found = sniff(data, declared=content_type)
    if found is None:
        raise Problem("file_type_refused", 415)
    clean = without_exif(data, form=IMAGES[found]) if found in IMAGES else data
    sha256 = hashlib.sha256(clean).hexdigest()
    if Blob.objects.filter(sha256=sha256).exists():
        return sha256
    default_storage.save(path_of(sha256), ContentFile(clean))
    row = Blob(sha256=sha256, content_type=found, size=len(clean), principal=actor.principal, dataset=dataset)
    Blob.objects.bulk_create([row], ignore_conflicts=True)
    return sha256


def path_of(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def sniff(data: bytes, *, declared: str) -> str | None:
    """Return what the bytes are; None when we do not take such files or the declared type is another one."""
    declared = declared.partition(";")[0].strip().lower()
    if data.startswith(b"\xff\xd8\xff"):
        found = "image/jpeg"
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = "image/png"
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "image/webp"
    elif data.startswith(b"%PDF-"):
        found = "application/pdf"
    elif data.startswith(b"PK\x03\x04") and b"xl/" in data:
        found = XLSX
    elif data.startswith(b"PK\x03\x04") and ODS.encode() in data[:TEXT_SAMPLE_BYTES]:
        found = ODS
    elif data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and declared == XLS:
        found = XLS
    elif data.startswith(RECORDINGS.get(declared, ())) or (declared in TEXTS and is_text(data)):
        found = declared
    else:
        return None
    return found if declared in {found, "", "application/octet-stream"} else None


def is_text(data: bytes) -> bool:
    """Tell whether these bytes can be a text that no browser takes for a page; UTF-16 is full of NUL bytes."""
    start = data[:TEXT_SAMPLE_BYTES]
    if start.startswith(UTF16_MARKS) or (len(data) % 2 == 0 and one_half_is_nul(start[::2], start[1::2])):
        return b"<" not in start[:4]
    return b"\x00" not in start and data.lstrip()[:1] != b"<"


def one_half_is_nul(even: bytes, odd: bytes) -> bool:
    """Tell whether NUL bytes stand often in one half and never in the other, as in UTF-16 without a mark."""
    fewest = UTF16_SHARE * len(odd)
    return (even.count(0) > fewest and not odd.count(0)) or (odd.count(0) > fewest and not even.count(0))


def without_exif(data: bytes, *, form: str) -> bytes:
    """Return the image upright and without anything but its pixels and its colour profile."""
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise Problem("file_too_large", 413, limit_pixels=PIXELS_MAX)
            turned = image.getexif().get(0x0112, 1) != 1
            kept = ImageOps.exif_transpose(image) if turned else image
            kept.load()
            quality = "keep" if form == "JPEG" and not turned else JPEG_QUALITY
            kept.info = {name: kept.info[name] for name in ("icc_profile", "transparency") if name in kept.info}
            output = io.BytesIO()
            if form == "PNG":
                kept.save(output, form, exif=b"")
            else:
                kept.save(output, form, quality=quality, exif=b"")
            return output.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Problem("file_unreadable", 422) from error


def open(sha256: str) -> IO[bytes]:  # noqa: A001 - kit.blob.open is how it is called
    """Open a stored file for reading."""
    return default_storage.open(path_of(sha256), "rb")


def remove(sha256s: Collection[str]) -> int:
    """Remove files for good, as retention and the removal of a dataset do; return how many there were.

    The caller has made sure that no row refers to them any more. The rows go first: a file without a row is only waste.
    """
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL huoji.retention = 'on'")
        cursor.execute("DELETE FROM kit_blob WHERE sha256 = ANY(%s) RETURNING sha256", [list(sha256s)])
        gone = [row[0] for row in cursor.fetchall()]
    for sha256 in gone:
        default_storage.delete(path_of(sha256))
    return len(gone)


def serve(
    request: Request, sha256: str, *, allowed: Callable[[Request], bool], filename: str, dataset: str = ""
) -> FileResponse:
    """Answer with a stored file if the caller's own rule allows it; who may not see it learns not even that it exists."""
    row = Blob.objects.filter(sha256=sha256).first() if len(sha256) == SHA256_LENGTH else None
    if row is None or not allowed(request) or (dataset and row.dataset != dataset):
        raise of_status(404)
    answer = FileResponse(
        open(sha256),
        content_type=row.content_type,
        as_attachment=row.content_type not in SHOWN_INLINE,
        filename=filename,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
