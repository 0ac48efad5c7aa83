"""A road terminal that does not exist (JT/T 808), for tests, for load and to try a gateway by hand."""

from tools.fake_terminal.command import options
from tools.fake_terminal.manners import Bad, Refused
from tools.fake_terminal.terminal import HANGZHOU, SHANGHAI, FakeTerminal

__all__ = ["HANGZHOU", "SHANGHAI", "Bad", "FakeTerminal", "Refused", "options"]
