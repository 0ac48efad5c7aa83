"""What may wait here of what an MQTT broker sends, in number and in bytes; a broker may be hostile, or merely set up wrongly."""

import asyncio
from typing import Any, Self

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode

from huoji.core.published import PAYLOAD_BYTES_MAX
from huoji.kit import heartbeat, log

MESSAGES_MAX = 20_000
BYTES_MAX = 64 * 1024 * 1024
PACKET_BYTES_MAX = (
    4 * PAYLOAD_BYTES_MAX
)  # held of one packet: the longest topic, and enough of a payload to see that it is too large
PUBLISH_TWICE = 0x34  # PUBLISH with QoS 2, which we never subscribe to; paho holds it outside the queue
KIND_AND_QOS = 0xF6


class Intake(asyncio.Queue[aiomqtt.Message]):
    """The messages that wait. What comes beyond is let go: with QoS 1 it is not acknowledged, and comes again with the next session."""

    def __init__(self, maxsize: int = MESSAGES_MAX) -> None:
        super().__init__(maxsize)
        self.bytes = 0
        self.let_go = 0
        self.is_owed = False  # something that the broker will give again

    def full(self) -> bool:
        """Tell whether no more may wait."""
        return super().full() or self.bytes >= BYTES_MAX

    def put_nowait(self, item: aiomqtt.Message) -> None:
        """Let a message wait, or let it go."""
        if not self.full():
            super().put_nowait(item)
            return
        if not self.let_go:
            log.KIT.warning(
                "more MQTT messages come than may wait", extra={"messages": self.qsize(), "bytes": self.bytes}
            )
        self.let_go += 1
        self.is_owed |= item.qos > 0
        heartbeat.count("huoji_mqtt_let_go_total")

    def _put(self, item: aiomqtt.Message) -> None:
        item.payload = bytes(item.payload[: PAYLOAD_BYTES_MAX + 1])  # so much shows that it is too large
        item.properties = None
        self.bytes += _size(item)
        super()._put(item)

    def _get(self) -> aiomqtt.Message:
        item = super()._get()
        self.bytes -= _size(item)
        return item


def _size(message: aiomqtt.Message) -> int:
    return len(message.payload) + len(str(message.topic))


class _Capped(bytearray):
    """The beginning of a packet."""

    def __iadd__(self, data: Any) -> Self:  # type: ignore[misc]  # paho adds nothing else
        self.extend(data[: max(0, PACKET_BYTES_MAX - len(self))])
        return self


def cap_packets(client: aiomqtt.Client) -> None:
    """Have paho hold no more than the beginning of a packet, whose length the broker alone says (up to 256 MB)."""
    paho = client._client  # noqa: SLF001 - aiomqtt hides it
    read, receive = paho._packet_read, paho._sock_recv  # noqa: SLF001 - the one place where bytes are held

    def read_capped() -> MQTTErrorCode:
        packet = paho._in_packet  # noqa: SLF001
        if not isinstance(packet["packet"], _Capped):
            packet["packet"] = _Capped(packet["packet"])
        result = read()
        if packet["command"] & KIND_AND_QOS == PUBLISH_TWICE:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        return result

    # paho asks for the whole rest of a packet, and Python makes room for as much as is asked for.
    paho._sock_recv = lambda bufsize: receive(min(bufsize, PACKET_BYTES_MAX))  # type: ignore[method-assign]  # noqa: SLF001
    paho._packet_read = read_capped  # type: ignore[method-assign]  # noqa: SLF001
