"""Keys of callers for the tests of shipments."""

import pytest

from huoji.core.permission import KeyScope

WRITER = (KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)


@pytest.fixture
def staff_key(make_staff, make_key) -> str:
    """A key of the chief clerk's, who sees all."""
    actor = make_staff("cs_chief_clerk", "cs_manager")
    return make_key(actor.principal, *WRITER, source="erp")
