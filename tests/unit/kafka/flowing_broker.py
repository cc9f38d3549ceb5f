"""A hostile cluster through which records flow, until it says something else."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

from tests.unit.kafka.hostile_broker import HostileCluster, array, number, text

PRODUCE, FETCH, OFFSETS, METADATA = range(4)
_EARLIEST = -2
_NONE = number(-1)

Place = tuple[str, int]
"""A topic and a partition."""
Logs = dict[Place, list[tuple[int, bytes]]]
"""Of each partition its batches, each with the offset after its last record."""


@dataclass
class FlowingCluster(HostileCluster):
    """What is sent is kept and read back, until there is a `turn`, which answers in its place."""

    turn: Callable[[FlowingCluster, int], bytes | None] | None = None
    """Takes the number of a request; b"" where the answer is as before."""
    logs: Logs = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def answer(self, request: int, body: bytes) -> bytes | None:
        """Return what the server says; None where it hangs up."""
        if self.turn:
            said = self.turn(self, request)
            if said != b"":
                return said
        match request:
            case 0:
                return self._produced(_Fields(body))
            case 1:
                return self._fetched(_Fields(body))
            case 2:
                return self._bounds(_Fields(body))
        return super().answer(request, body)

    def _end(self, place: Place) -> int:
        log = self.logs.get(place)
        return log[-1][0] if log else 0

    def _produced(self, asked: _Fields) -> bytes:
        asked.text()
        asked.skip(6)

        def keep(place: Place) -> bytes:
            batch = asked.content()
            with self.lock:
                first = self._end(place)
                records = struct.unpack(">i", batch[57:61])[0]
                kept = number(first, 8) + batch[8:]
                self.logs.setdefault(place, []).append((first + records, kept))
            return number(0, 2) + number(first, 8) + number(-1, 8) + number(0, 8)

        return asked.each(keep) + number(0)

    def _fetched(self, asked: _Fields) -> bytes:
        asked.skip(25)

        def read(place: Place) -> bytes:
            asked.skip(4)
            since = asked.number(8)
            asked.skip(12)
            with self.lock:
                end = number(self._end(place), 8)
                batches = b"".join(b for last, b in self.logs.get(place, []) if last > since)
            head = number(0, 2) + end + end + number(0, 8) + _NONE + _NONE
            return head + number(len(batches)) + batches

        said = asked.each(read)
        time.sleep(0.02)
        return number(0) + number(0, 2) + number(0) + said

    def _bounds(self, asked: _Fields) -> bytes:
        asked.skip(5)

        def bound(place: Place) -> bytes:
            asked.skip(4)
            with self.lock:
                offset = 0 if asked.number(8) == _EARLIEST else self._end(place)
            return number(0, 2) + number(-1, 8) + number(offset, 8) + number(0)

        return number(0) + asked.each(bound)


class _Fields:
    """The fields of a request, read one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def skip(self, size: int) -> bytes:
        self._at += size
        return self._body[self._at - size : self._at]

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.skip(size), "big", signed=True)

    def text(self) -> str:
        return self.skip(max(0, self.number(2))).decode()

    def content(self) -> bytes:
        return self.skip(max(0, self.number()))

    def each(self, said: Callable[[Place], bytes]) -> bytes:
        """Return the answer for each partition that a request names, by topic."""
        return array(self._topics(said))

    def _topics(self, said: Callable[[Place], bytes]) -> Iterator[bytes]:
        for _ in range(self.number()):
            topic = self.text()
            numbers = (self.number() for _ in range(self.number()))
            yield text(topic) + array(number(each) + said((topic, each)) for each in numbers)
