"""What the workspace's side navigation may show: a row appears here when its page exists, and is drawn for who may open it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from huoji.core.permission import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One line of the side navigation; `url` is a URL name without arguments, `icon` a symbol of icons.svg."""

    label: str | Promise
    url: str
    icon: str
    permission: Permission
    group: str | Promise = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A room as it is drawn now."""

    label: str | Promise
    href: str
    icon: str
    group: str | Promise
    current: bool


ROOMS: tuple[Room, ...] = ()


def rows(actor: Actor, *, path: str) -> Iterator[Row]:
    """Yield the rooms that this actor may enter, in order; the longest matching path is the current one."""
    allowed = [(room, reverse(room.url)) for room in ROOMS if actor.may(room.permission)]
    current = max((href for _, href in allowed if path.startswith(href)), key=len, default="")
    for room, href in allowed:
        yield Row(label=room.label, href=href, icon=room.icon, group=room.group, current=href == current)
