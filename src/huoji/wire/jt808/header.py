"""What stands before every message body, in the editions of 2011, 2013 and 2019."""

from enum import StrEnum

import msgspec


class Version(StrEnum):
    """An edition of the standard. 2011 and 2013 have the same header; their bodies are told apart where they differ."""

    V2011 = "2011"
    V2013 = "2013"
    V2019 = "2019"


class Header(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What stands before every body. `terminal` is the number without leading zeros, the same in all editions."""

    message_id: int
    version: Version
    terminal: str
    serial: int
    encryption: int = 0  # three bits; 1 is RSA
    total: int = 0  # sub-packages; 0 when the message is whole
    index: int = 0  # of this sub-package, from 1
    protocol: int = 0  # the protocol version byte of 2019
