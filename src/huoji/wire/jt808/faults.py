"""What can be wrong with a message, by stable codes, and the error that carries the header when that was readable."""

from enum import StrEnum

from huoji.wire import Fault, FormatError
from huoji.wire.jt808.header import Header


class Code(StrEnum):
    """Stable names of faults: counters and answers use them, so they never change."""

    NO_FRAME = "no_frame"  # bytes outside of any frame: an HTTP request, a port scan
    TOO_LONG = "too_long"  # no closing flag within the longest possible frame
    CHECK_SUM = "check_sum"
    TOO_SHORT = "too_short"  # ends before its fields do
    LENGTH = "length"  # the length in the header is not that of the body
    PARTS = "parts"  # sub-package numbers that cannot be
    VALUE = "value"  # a field that cannot be written or read
    UNWRITABLE = "unwritable"  # our own message does not fit the protocol


class MessageError(FormatError):
    """A message that breaks JT/T 808. With a header, the sender can be told so (0x8001, result 2)."""

    def __init__(self, code: Code, message: str, *, where: str = "$", header: Header | None = None) -> None:
        super().__init__(Fault(where, code, message))
        self.header = header


class AssemblyError(FormatError):
    """Sub-packages that cannot be put together: they contradict each other, or break a limit."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(Fault("$", code, message))
