"""A server that answers every frame with the same bytes and does nothing else: the ceiling of the load generator."""

import asyncio
import sys

ANSWER = bytes.fromhex("7e80010005013800138000000100070200002a7e")
FLAG = b"\x7e"


class Null(asyncio.Protocol):
    """Counts flags, two a frame, and answers as many frames."""

    def __init__(self) -> None:
        self.flags = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        whole, self.flags = divmod(self.flags + data.count(FLAG), 2)
        self.transport.write(ANSWER * whole)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Null, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
