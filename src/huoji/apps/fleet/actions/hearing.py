"""Keep what terminals say besides positions: waybills, who drives (masked), parameters, attributes, how a command came out, and pictures as blobs."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from django.db import transaction

from huoji.apps.fleet.actions.admitting import Device, note_attributes
from huoji.apps.fleet.actions.commands import end_command
from huoji.apps.fleet.models import Media, Terminal, TerminalReport
from huoji.core.answer import Audience
from huoji.core.fleet import CommandState
from huoji.core.masking import mask_name
from huoji.core.permission import system
from huoji.kit import blob, outbox
from huoji.kit.problem import Problem

BODY_CHARS_MAX = 8_000
KEPT_DIGITS = 4  # of a certificate, so that two drivers can be told apart
GATEWAY = system("jt808")
HIDDEN = "***"
MEDIA_TYPES = ("image/jpeg", "image/tiff", "audio/mpeg", "audio/wav", "video/x-ms-wmv")


class Picture(NamedTuple):
    """A recording as it came, with where it began if the terminal said so."""

    media_id: int
    kind: int
    format: int
    event: int
    channel: int
    data: bytes
    at: int | None
    lat_e6: int | None
    lon_e6: int | None


class Report(msgspec.Struct, frozen=True, kw_only=True, tag="report"):
    """A report as it is kept: its digest is of all that was told, its body is cut when that is too long."""

    terminal_id: int
    kind: str
    at: datetime
    body: dict[str, Any]
    digest: int


class Make(msgspec.Struct, frozen=True, kw_only=True, tag="make"):
    """What a terminal answered about its make."""

    terminal_id: int
    device: Device


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """How a command that a terminal was sent came out."""

    terminal_id: int
    command_id: int
    state: CommandState
    result: dict[str, Any]
    at: datetime


Said = Report | Make | Ended


def report(terminal_id: int, *, kind: str, at: datetime, body: Mapping[str, Any]) -> Report:
    """Make a report of what a terminal told."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    kept = dict(body) if len(text) <= BODY_CHARS_MAX else {"cut": text[:BODY_CHARS_MAX]}
    digest = int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1
    return Report(terminal_id=terminal_id, kind=kind, at=at, body=kept, digest=digest)


def keep(said: Said) -> None:
    """Keep one thing that a terminal said; the same again changes nothing."""
    match said:
        case Report():
            _keep_report(said)
        case Make(terminal_id=terminal_id, device=device):
            note_attributes(terminal_id, device)
        case Ended():
            end_command(said.command_id, state=said.state, result=said.result, now=said.at)


@transaction.atomic
def _keep_report(report: Report) -> None:
    """Keep a report once, however often it is sent; tell `fleet.report`."""
    dataset = Terminal.objects.filter(pk=report.terminal_id).values_list("dataset", flat=True).first()
    if dataset is None:
        return
    row = TerminalReport(
        terminal_id=report.terminal_id, kind=report.kind, at=report.at, digest=report.digest, body=report.body,
        dataset=dataset,
    )  # fmt: skip
    TerminalReport.objects.bulk_create([row], ignore_conflicts=True)
    outbox.publish("fleet.report", [report.terminal_id], kind=report.kind)


def masked_driver(*, name: str, identity: str, certificate: str) -> dict[str, str]:
    """Return what is kept of who drives: a masked name, and the last digits of the certificate."""
    return {
        "name": mask_name(name, level=Audience.BARE),
        "identity": _last(identity),
        "certificate": _last(certificate),
    }


def _last(text: str) -> str:
    return HIDDEN + text[-KEPT_DIGITS:] if len(text) > KEPT_DIGITS * 2 else HIDDEN * bool(text)


@transaction.atomic
def keep_media(terminal_id: int, picture: Picture, *, now: datetime) -> bool:
    """Keep a recording as a blob; False for one that is of no kind we keep, or broken."""
    dataset = Terminal.objects.filter(pk=terminal_id).values_list("dataset", flat=True).first()
    if dataset is None:
        return False
    declared = MEDIA_TYPES[picture.format] if picture.format < len(MEDIA_TYPES) else ""
    try:
        sha256 = blob.put(picture.data, content_type=declared, actor=GATEWAY, dataset=dataset)
    except Problem:
        return False
    at = now if picture.at is None else datetime.fromtimestamp(picture.at, now.tzinfo)
    row = Media(
        terminal_id=terminal_id, at=at, media_id=picture.media_id, kind=picture.kind, format=picture.format,
        event=picture.event, channel=picture.channel, lat=picture.lat_e6, lon=picture.lon_e6, blob=sha256, dataset=dataset,
    )  # fmt: skip
    Media.objects.bulk_create([row], ignore_conflicts=True)
    outbox.publish("fleet.media", [terminal_id], media=picture.media_id)
    return True
