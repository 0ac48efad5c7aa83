"""What vessels tell by AIS: where they are, and what they say of themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings

from huoji.apps.fleet.actions import ais
from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.gateways.kinds import Kind
from huoji.kit import heartbeat


def _store(told: Sequence[Heard | Introduction], source: str) -> None:
    keep_all = settings.HUOJI.ais_keep == "all"
    taken = ais.take(told, source=source, keep_all=keep_all, history=False, now=datetime.now(UTC))
    heartbeat.count("huoji_ais_stored_total", taken.stored.accepted)
    heartbeat.count("huoji_ais_duplicates_total", taken.stored.duplicates)
    heartbeat.count("huoji_ais_filtered_total", taken.stored.rejected)
    heartbeat.count("huoji_ais_foreign_total", taken.foreign)


VESSELS: Kind[Heard | Introduction] = Kind("vessels", Heard | Introduction, lambda it: it.mmsi.encode(), _store)
