"""All kinds by their names, which stand in the parcels of the stream."""

from typing import Any

from huoji.gateways.kinds import Kind
from huoji.gateways.kinds.sensors import READINGS
from huoji.gateways.kinds.terminals import POINTS, SAID
from huoji.gateways.kinds.vessels import VESSELS

BY_NAME: dict[str, Kind[Any]] = {each.name: each for each in (POINTS, SAID, VESSELS, READINGS)}
