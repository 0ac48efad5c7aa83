"""The answer as JSON: the same shape for the public API, a party's key and staff, in the words of one language."""

from datetime import UTC, datetime
from typing import Any

from huoji.core import sight_words, wording
from huoji.core.answer import Answer, Entry, Stop
from huoji.core.moment import Moment, Precision
from huoji.core.sight import Outlook, Whereabouts
from huoji.core.wording import Lang

_PRECISIONS = {precision: precision.name.lower() for precision in Precision}


def moment(told: Moment | None) -> dict[str, Any] | None:
    """Return `at` as ISO 8601 in the source's own offset (a bare date when day-precise) and how exact it was."""
    if told is None:
        return None
    local = told.local
    rendered: dict[str, Any] = {
        "at": local.date().isoformat() if told.precision is Precision.DAY else local.isoformat(),
        "precision": _PRECISIONS[told.precision],
    }
    if told.offset_assumed:
        rendered["offset_assumed"] = True
    return rendered


def answer(told: Answer, *, lang: Lang) -> dict[str, Any]:
    """Return the whole answer; every code has its text beside it."""
    return {
        "number": told.number,
        "found": True,
        "audience": told.audience.value,
        "line": told.line.value,
        "status": told.status.value,
        "status_text": wording.label(told.status, lang=lang),
        "reason": told.reason.value,
        "reason_text": wording.label(told.reason, lang=lang) if told.reason else "",
        "status_since": moment(told.status_since),
        "stages": [stage.value for stage in told.stages],
        "percent": told.percent,
        "expected": moment(told.expected),
        "expected_classifier": told.expected_classifier.value if told.expected_classifier else None,
        "late_minutes": told.late_min,
        "updated": moment(told.updated),
        "stale": told.stale,
        "pieces": {"total": told.pieces_total, "delivered": told.pieces_delivered},
        "vehicle": told.vehicle,
        "position": position(told.position, lang=lang) if told.position else None,
        "outlook": outlook(told.outlook, lang=lang) if told.outlook else None,
        "stops": [_stop(stop) for stop in told.stops],
        "events": [entry(each, lang=lang) for each in told.entries],
        "links": [{"relation": link.relation, "number": link.number} for link in told.links],
        "parties": [
            {"role": party.role, "name": party.name, "phone": party.phone, "address": party.address}
            for party in told.parties
        ],
        "proof": {"signed_by": told.proof.signed_by, "pictures": len(told.proof.blobs)} if told.proof else None,
    }


def entry(told: Entry, *, lang: Lang) -> dict[str, Any]:
    """Return one line of the timeline."""
    return {
        "occurred": moment(told.when),
        "classifier": told.classifier.value,
        "milestone": told.milestone.value,
        "text": wording.sentence(told, lang=lang),
        "reason": told.reason.value,
        "place": told.place,
        "next_place": told.next_place,
        "mode": told.mode.value,
        "via": told.via,
        "source": told.source,
        "flags": sorted(flag.value for flag in told.flags),
        "silent_minutes_before": told.gap_min,
    }


def _stop(stop: Stop) -> dict[str, Any]:
    return {"place": stop.place, "state": stop.state.value, "seen": moment(stop.when), "planned": moment(stop.planned)}


def _utc(at: int | None) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat() if at else None


def position(told: Whereabouts, *, lang: Lang) -> dict[str, Any]:
    """Return where what carries it was last: WGS-84, how exact, from which source, how old."""
    return {
        "kind": told.kind.value,
        "at": _utc(told.at),
        "age_seconds": told.age_s,
        "stale": told.is_stale,
        "lat": told.lat,
        "lon": told.lon,
        "precision_m": told.precision_m,
        "near": told.near[lang],
        "text": sight_words.place(told, lang=lang),
        "speed_kmh": told.speed_kmh,
        "course": told.course,
        "nav_status": told.nav,
        "source": told.source,
    }


def outlook(told: Outlook, *, lang: Lang) -> dict[str, Any]:
    """Return what we expect ourselves: an interval with its reasons, and the risk for the plan."""
    return {
        "early": _utc(told.early),
        "likely": _utc(told.likely),
        "late": _utc(told.late),
        "made_at": _utc(told.made_at),
        "confidence": told.confidence,
        "state": told.state.value,
        "state_text": wording.label(told.state, lang=lang),
        "risk": told.risk.value,
        "risk_text": wording.label(told.risk, lang=lang),
        "route_percent": told.percent,
        "reasons": [
            {"code": reason.code, "value": reason.value, "text": sight_words.reason(reason, lang=lang)}
            for reason in told.reasons
        ],
    }
