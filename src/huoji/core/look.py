"""How a status is drawn wherever it stands: a tone (colour) and an icon (shape) beside its word."""

from collections.abc import Mapping

from huoji.core.exception import Severity
from huoji.core.milestone import Line, Milestone, Status

LOOKS: Mapping[Status, tuple[str, str]] = {
    Status.CREATED: ("calm", "clipboard-list"),
    Status.AWAITING_PICKUP: ("calm", "clock"),
    Status.PICKED_UP: ("move", "package"),
    Status.SORTING: ("move", "stack-2"),
    Status.IN_TRANSIT: ("move", "truck"),
    Status.CUSTOMS: ("move", "file-text"),
    Status.ARRIVED_DEST: ("move", "map-pin"),
    Status.OUT_FOR_DELIVERY: ("move", "truck"),
    Status.AT_PICKUP_POINT: ("warn", "building-warehouse"),
    Status.ATTEMPT_FAILED: ("warn", "alert-circle"),
    Status.DELIVERED: ("good", "circle-check"),
    Status.REFUSED: ("bad", "hand-stop"),
    Status.RETURNING: ("warn", "arrow-back-up"),
    Status.RETURNED: ("calm", "arrow-back-up"),
    Status.EXCEPTION: ("bad", "alert-triangle"),
    Status.CANCELLED: ("calm", "ban"),
}
SEVERITY_LOOKS: Mapping[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("bad", "alert-triangle"),
    Severity.MAJOR: ("warn", "alert-circle"),
    Severity.MINOR: ("calm", "info-circle"),
}
BAD = frozenset(
    {Milestone.EXCEPTION, Milestone.ATTEMPT_FAILED, Milestone.REFUSED, Milestone.PICKUP_FAILED, Milestone.CUSTOMS_HELD}
)


def look(status: Status, *, line: Line) -> tuple[str, str]:
    """Return tone and icon of a status; what moves by sea sails."""
    tone, icon = LOOKS[status]
    return tone, "ship" if status is Status.IN_TRANSIT and line is Line.OCEAN else icon
