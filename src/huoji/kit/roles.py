"""Which database role speaks: the application's own, or (for migrations, retention and backup alone) the owner's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Model

APP = "default"
OWNER = "owner"

_acting_as_owner: ContextVar[bool] = ContextVar("acting_as_owner", default=False)


@contextmanager
def acting_as_owner() -> Iterator[None]:
    """Send the ORM's queries of a block to the owner's connection."""
    token = _acting_as_owner.set(True)
    try:
        yield
    finally:
        _acting_as_owner.reset(token)


class RoleRouter:
    """Answers Django's question which connection to use; both reach one database."""

    def db_for_read(self, model: type[Model], **hints: object) -> str | None:  # noqa: ARG002  Django's signature
        return OWNER if _acting_as_owner.get() else None

    def db_for_write(self, model: type[Model], **hints: object) -> str | None:  # noqa: ARG002  Django's signature
        return OWNER if _acting_as_owner.get() else None

    def allow_relation(self, one: Model, other: Model, **hints: object) -> bool:  # noqa: ARG002  Django's signature
        return True
