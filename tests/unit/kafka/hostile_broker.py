"""A server that speaks enough of Kafka's protocol to tell a client anything: any broker, any topic.

It answers the metadata, the settings, the groups and the refusals that a test gives it, byte by
byte, which a broker of Kafka's would never say.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_METADATA, _LIST_GROUPS, _API_VERSIONS, _CREATE_TOPICS = 3, 16, 18, 19
_PRODUCER_ID, _DESCRIBE = 22, 32
_VERSIONS = {
    0: 7,  # produce
    1: 11,  # fetch
    2: 5,  # list offsets
    _METADATA: 4,
    10: 2,  # find a coordinator
    _LIST_GROUPS: 1,
    _API_VERSIONS: 0,
    _CREATE_TOPICS: 2,
    _PRODUCER_ID: 0,
    _DESCRIBE: 1,
}
"""The newest version of each request that this server takes."""
_UNKNOWN_TOPIC, _UNSUPPORTED_VERSION = 3, 35


@dataclass
class HostileCluster:
    """What the server says, whoever asks."""

    brokers: Sequence[tuple[int, str, int]] = ()
    """Each id with the host and the port that it is said to have; by default the server alone."""
    topics: Mapping[str, Sequence[tuple[int, int, Sequence[int]]]] = field(default_factory=dict)
    """Each topic's partitions: number, leader and replicas."""
    cluster: str = "hostile"
    settings: Mapping[str, str] = field(default_factory=dict)
    """The settings of every topic and broker."""
    groups: Sequence[str] = ()
    refusal: tuple[int, str] = (0, "")
    """The code and the words with which topics are not made."""
    answers_unasked: bool = False
    """Whether all topics are told to whoever asks for one."""
    metadata: bytes = b""
    """The whole answer to who the brokers are, in place of all of these."""
    asked: list[int] = field(default_factory=list)
    """The requests that came, by their numbers."""
    bootstrap: str = ""

    def answer(self, request: int, body: bytes) -> bytes | None:
        """Return what the server says; None where it hangs up."""
        self.asked.append(request)
        match request:
            case 3:
                return self.metadata or self._metadata(_topics_asked(body))
            case 16:
                named = [text(group) + text("consumer") for group in self.groups]
                return bytes(4) + number(0, 2) + array(named)
            case 19:
                code, words = self.refusal
                topic = _first_text(body, 4)
                return bytes(4) + array([text(topic) + number(code, 2) + text(words)])
            case 22:
                return bytes(4) + number(0, 2) + number(1000, 8) + number(0, 2)
            case 32:
                return bytes(4) + array([self._described(*each) for each in _resources(body)])
        return None

    def _metadata(self, asked: Sequence[str] | None) -> bytes:
        told = dict(self.topics)
        if asked is not None and not self.answers_unasked:
            told = {topic: told[topic] for topic in asked if topic in told}
        unknown = [topic for topic in asked or () if topic not in told]
        host, port = self.bootstrap.rsplit(":", 1)
        brokers = self.brokers or [(1, host, int(port))]
        return (
            bytes(4)
            + array(
                number(each) + text(host) + number(port) + b"\xff\xff"
                for each, host, port in brokers
            )
            + text(self.cluster)
            + number(brokers[0][0])
            + array(
                [
                    *(_told(0, topic, partitions) for topic, partitions in told.items()),
                    *(_told(_UNKNOWN_TOPIC, topic, ()) for topic in unknown),
                ]
            )
        )

    def _described(self, kind: int, name: str) -> bytes:
        entries = [
            text(key) + text(value) + b"\x00\x05\x00" + number(0)
            for key, value in self.settings.items()
        ]
        return number(0, 2) + b"\xff\xff" + number(kind, 1) + text(name) + array(entries)


def number(value: int, size: int = 4) -> bytes:
    """Return a number as the protocol has it."""
    return value.to_bytes(size, "big", signed=True)


def text(value: str) -> bytes:
    """Return a text as the protocol has it; half characters are sent as they are."""
    encoded = value.encode("utf-8", "surrogateescape")
    return number(len(encoded), 2) + encoded


def array(items: Iterable[bytes]) -> bytes:
    """Return items as the protocol has them."""
    listed = list(items)
    return number(len(listed)) + b"".join(listed)


@contextmanager
def hostile_broker(cluster: HostileCluster) -> Iterator[HostileCluster]:
    """Yield a server on 127.0.0.1 that says what `cluster` says."""

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while (head := self._read(4)) is not None:
                request = self._read(struct.unpack(">i", head)[0])
                if request is None:
                    return
                said = _said(cluster, request)
                if said is None:
                    return
                try:
                    self.request.sendall(number(len(said)) + said)
                except OSError:
                    return

        def _read(self, size: int) -> bytes | None:
            taken = b""
            try:
                while len(taken) < size:
                    more = self.request.recv(size - len(taken))
                    if not more:
                        return None
                    taken += more
            except OSError:
                return None
            return taken

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Answering) as server:
        cluster.bootstrap = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield cluster
        finally:
            server.shutdown()
            thread.join()


def _said(cluster: HostileCluster, request: bytes) -> bytes | None:
    kind, version, correlation, client = struct.unpack(">hhih", request[:10])
    body = request[10 + max(0, client) :]
    if kind == _API_VERSIONS:
        code = _UNSUPPORTED_VERSION if version else 0
        known = [number(each, 2) + bytes(2) + number(last, 2) for each, last in _VERSIONS.items()]
        return number(correlation) + number(code, 2) + array(known)
    said = cluster.answer(kind, body)
    return None if said is None else number(correlation) + said


def _told(code: int, topic: str, partitions: Sequence[tuple[int, int, Sequence[int]]]) -> bytes:
    lying = [
        number(0, 2) + number(each) + number(leader) + 2 * array(map(number, replicas))
        for each, leader, replicas in partitions
    ]
    return number(code, 2) + text(topic) + b"\x00" + array(lying)


def _topics_asked(body: bytes) -> list[str] | None:
    """Return the topics that are asked for by name; None for all."""
    asked, at = [], 4
    count = struct.unpack(">i", body[:4])[0]
    if count < 0:
        return None
    for _ in range(count):
        asked.append(_first_text(body, at))
        at += 2 + len(asked[-1].encode())
    return asked


def _first_text(body: bytes, at: int) -> str:
    size = struct.unpack(">h", body[at : at + 2])[0]
    return body[at + 2 : at + 2 + size].decode()


def _resources(body: bytes) -> Iterator[tuple[int, str]]:
    """Return the kind and the name of each thing whose settings are asked for."""
    at = 4
    for _ in range(struct.unpack(">i", body[:4])[0]):
        kind = body[at]
        name = _first_text(body, at + 1)
        at += 3 + len(name.encode())
        wanted = struct.unpack(">i", body[at : at + 4])[0]
        at += 4
        for _ in range(max(0, wanted)):
            at += 2 + struct.unpack(">h", body[at : at + 2])[0]
        yield kind, name
