"""What gateways receive, by kind: whose it is, and the action that stores it. Each gateway loads its own, the writer of the stream all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A kind of things received.

    `item` is their type. `key` tells whose a thing is: things of one key are stored in the order in which they came. `store`
    stores some of them under the name of their door and returns when they are committed; the same again changes nothing.
    """

    name: str
    item: Any
    key: Callable[[T], bytes]
    store: Callable[[Sequence[T], str], None]
