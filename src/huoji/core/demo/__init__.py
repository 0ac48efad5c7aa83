"""A carrier to look at: a month of work of an invented company, made from a seed, relative to now."""

from huoji.core.demo.model import WAYBILLS, World
from huoji.core.demo.world import generate

__all__ = ["WAYBILLS", "World", "generate"]
