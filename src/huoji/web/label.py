"""The waybill label: 100 × 150 mm, barcode and QR code, personal data masked as GB/T 41833 wants it."""

import json
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import qrcode
import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from qrcode.image.svg import SvgPathImage

from huoji.apps.accounts import actions as accounts
from huoji.apps.shipments.queries import labels
from huoji.core import code128
from huoji.core.permission import Permission
from huoji.core.wording import Lang, label
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem
from huoji.web import brand

TEMPLATE = Path(__file__).parent / "papers" / "label.typ"
MODULE_MM = 0.25  # two dots of a 203 dpi printer
BARS_MM_MAX = 90.0
REFERENCES_SHOWN = 3


@require_safe
@needs(Permission.LABEL_PRINT)
def shipment_label(request: Request, number: str) -> HttpResponse:
    """Answer the label of one waybill as PDF; printing it is a row of the audit."""
    facts = labels.label_of(request.actor, number, lang=clock.language())
    if facts is None:
        raise Problem("not_found", 404)
    pdf = render(facts, address=request.build_absolute_uri("/"), now=datetime.now(UTC))
    accounts.record_audit(request.actor, verb="label.print", target=f"waybill:{facts.number}")
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{facts.number}.pdf"'}
    )


def render(facts: labels.Label, *, address: str, now: datetime) -> bytes:
    """Lay the label out; a number too long for the bars is in the QR code alone."""
    lang = clock.language()
    bars, bars_mm = _bars(facts.number)
    data = {
        "lang": "en" if lang is Lang.EN else "zh",
        "company": brand.current().name or "Huoji 货迹",
        "line": label(facts.line, lang=lang),
        "number": facts.number,
        "bars": bars,
        "bars_mm": bars_mm,
        "qr": _qr(f"{settings.HUOJI.public_url or address.rstrip('/')}/track/{facts.number}"),
        "origin": facts.origin or "—",
        "destination": facts.destination or "—",
        "consignee": facts.consignee,
        "shipper": facts.shipper,
        "goods": facts.goods or "—",
        "pieces": ngettext("%(count)s 件", "%(count)s 件", facts.pieces) % {"count": facts.pieces},
        "weight": f"{facts.weight_kg.normalize():f} kg" if facts.weight_kg else "",
        "references": list(facts.references[:REFERENCES_SHOWN]),
        "printed": f"{now.astimezone(ZoneInfo(settings.HUOJI.time_zone)):%Y-%m-%d %H:%M}",
        "words": {"to": _("收件人"), "from": _("寄件人"), "goods": _("货物")},
    }
    pdf: bytes = typst.compile(
        TEMPLATE, sys_inputs={"data": json.dumps(data)}, font_paths=[font_folder()], ignore_system_fonts=True
    )
    return pdf


def _bars(number: str) -> tuple[str, float]:
    if not number.isascii():
        return "", 0.0
    picture, width_mm = code128.svg(number, module_mm=MODULE_MM, height_mm=18)
    return (picture, width_mm) if width_mm <= BARS_MM_MAX else ("", 0.0)


def _qr(text: str) -> str:
    return str(qrcode.make(text, image_factory=SvgPathImage, border=2).to_string(encoding="unicode"))


@cache
def font_folder() -> Path:
    """Return where the CJK font's package keeps its file."""
    spec = find_spec("manimgx_fonts_cjk")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])
