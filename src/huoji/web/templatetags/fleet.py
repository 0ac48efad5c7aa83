"""Filters and tags that say and draw the codes of the fleet."""

from collections.abc import Mapping
from typing import Any

from django import template

from huoji.apps.fleet.queries import words
from huoji.core.fleet import CommandKind, CommandState, ConveyanceKind, RunState, TerminalKind, TerminalState
from huoji.core.freshness import Freshness
from huoji.core.place import Place
from huoji.kit import clock

register = template.Library()


def drawn(look: words.Look) -> dict[str, Any]:
    """Give partials/status.html what it draws: tone, icon and word together."""
    tone, icon, text = look
    return {"tone": tone, "icon": icon, "text": text}


@register.inclusion_tag("partials/status.html")
def freshness(value: Freshness) -> dict[str, Any]:
    """Draw how fresh a position is."""
    return drawn(words.FRESHNESS[value])


@register.inclusion_tag("partials/status.html")
def terminal_state(value: TerminalState) -> dict[str, Any]:
    """Draw whether a terminal may speak."""
    return drawn(words.TERMINAL_STATES[value])


@register.inclusion_tag("partials/status.html")
def command_state(value: CommandState) -> dict[str, Any]:
    """Draw how a command stands."""
    return drawn(words.COMMAND_STATES[value])


@register.inclusion_tag("partials/status.html")
def risk(value: str) -> dict[str, Any]:
    """Draw the risk of being late."""
    return drawn(words.RISKS[value])


@register.filter
def conveyance_kind(value: ConveyanceKind) -> words.Words:
    """Return what a kind of conveyance is called."""
    return words.KINDS[value]


@register.filter
def terminal_kind(value: TerminalKind) -> words.Words:
    """Return what a kind of terminal is called."""
    return words.TERMINAL_KINDS[value]


@register.filter
def command_kind(value: CommandKind) -> words.Words:
    """Return what a command is called."""
    return words.COMMAND_KINDS[value]


@register.filter
def told(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a command says or was answered, line by line; a list of parameters has a line each."""
    lines: list[tuple[str, str]] = []
    for name, value in content.items():
        if isinstance(value, Mapping):
            lines += [(str(key), str(each)) for key, each in value.items()]
        else:
            lines.append((name, str(value)))
    return lines


@register.filter
def run_state(value: RunState) -> words.Words:
    """Return what the state of a run is called."""
    return words.RUN_STATES[value]


@register.filter
def alarm_word(kind: str) -> words.Words:
    """Return what an alarm is called."""
    return words.alarm_word(kind)


@register.filter
def alarm_source(source: str) -> words.Words:
    """Return who warned."""
    return words.ALARM_SOURCES.get(source, source)


@register.filter
def plate_colour(value: int | None) -> words.Words:
    """Return what the colour of a plate is called."""
    return next((name for colour, name in words.PLATE_COLOURS.items() if colour == value), "")


@register.filter
def site_name(site: Place | None) -> str:
    """Return a site's name in the reader's language."""
    return site.name_in(clock.language()) if site else ""
