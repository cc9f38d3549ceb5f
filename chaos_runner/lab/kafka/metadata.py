"""Ask a broker which brokers are registered and unfenced, with a request made by hand.

A Kafka client library is too much for this one question, and lab/ has none.
"""

from __future__ import annotations

import socket
import struct

_METADATA = 3
_VERSION = 4
"""The oldest version of the request with all that is needed that Kafka 4 answers."""


def registered_brokers(address: str, port: int, timeout: float = 5) -> set[int]:
    """Return the ids of the live brokers that this broker knows.

    Raises OSError when it does not answer within `timeout` seconds, ValueError when the
    answer makes no sense.
    """
    with socket.create_connection((address, port), timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(metadata_request())
        (size,) = struct.unpack(">i", _receive(connection, 4))
        return brokers_of(_receive(connection, size))


def metadata_request() -> bytes:
    """Return a framed request for no topics, that creates none."""
    client = b"lab"
    header = struct.pack(">hhih", _METADATA, _VERSION, 1, len(client)) + client
    body = header + struct.pack(">i?", 0, False)
    return struct.pack(">i", len(body)) + body


def brokers_of(answer: bytes) -> set[int]:
    """Return the broker ids of an answer (without its frame), or raise ValueError."""
    try:
        _, _, count = struct.unpack_from(">iii", answer)
        offset, found = 12, set()
        for _ in range(count):
            (number,) = struct.unpack_from(">i", answer, offset)
            found.add(number)
            offset = _after_broker(answer, offset)
    except struct.error as error:
        raise ValueError(f"not a metadata answer: {error}") from error
    return found


def _after_broker(answer: bytes, offset: int) -> int:
    """Return where the next broker starts: number, host, port and rack (-1: none) lie between."""
    host_length: int = struct.unpack_from(">h", answer, offset + 4)[0]
    rack_at = offset + 4 + 2 + host_length + 4
    rack_length: int = struct.unpack_from(">h", answer, rack_at)[0]
    return rack_at + 2 + max(0, rack_length)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("the broker closed the connection")
        received += part
    return received
