"""Tell a client that is stuck from a cluster that is down. Pure; times are handed in.

Librdkafka has known ways to stand still without an error: a reader that stays with a broker
which no longer leads (its issues 4492, 5593), a producer with an old leader in mind (4796,
4976). From within, both look like an outage. So a client is called stuck only when another one,
with nothing to remember, meets the leader three times in a row and finds work there that the
first does not do. Where a partition has no leader, too few replicas in sync or a leader that
does not answer, that is the outage the probe is there to measure: nothing is rebuilt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

READER_PATIENCE = 30.0
"""Seconds. A tuned reader finds a new leader in about 3 s, one with defaults in about 7 s."""
PRODUCER_PATIENCE = 60.0
"""Seconds. With acks=all a dead follower holds up acks until it leaves the in-sync replicas: up
to 45 s with the default `replica.lag.time.max.ms`, which is looked at every half of it."""
FATAL_PATIENCE = 10.0
"""Seconds between two new producers where each ends by a fatal error at once."""
LOOKS_NEEDED = 3

_SOCKET_TIMEOUTS = 2
"""A client that notices a dead connection late is slow, not stuck."""
_MOST_DOUBLINGS = 5


@dataclass(frozen=True)
class Look:
    """What another client was told about a partition."""

    partition: int
    leader: int
    """-1 where there is none."""
    writable: bool
    """Enough replicas are in sync for a record to be accepted."""
    end: int | None
    """The end offset that the leader told; None when it did not answer."""
    low: int = 0
    """The first offset that it still has."""


@dataclass(slots=True)
class Stall:
    """One client's progress on one partition."""

    since: float | None = None
    """When it was first seen to have work and not to move; None while it moves or is idle."""
    looks: list[Look] = field(default_factory=list)
    """What another client saw since then: the newest looks, no more than are needed."""
    _progress: int = -1

    def note(self, progress: int, has_work: bool, now: float) -> None:
        """Note how far the client has come: any number that changes as it moves."""
        if progress != self._progress or not has_work:
            self.restart()
        elif self.since is None:
            self.since = now
        self._progress = progress

    def note_look(self, look: Look) -> None:
        """Note what another client saw while this one stands still."""
        if self.since is not None:
            self.looks = [*self.looks, look][-LOOKS_NEEDED:]

    def restart(self) -> None:
        """Begin anew, as if the client had just moved."""
        self.since = None
        self.looks.clear()

    def seconds(self, now: float) -> float:
        """Return for how long the client has stood still."""
        return 0.0 if self.since is None else now - self.since


def patience(least: float, socket_timeout: float, rebuilt: int) -> float:
    """Return for how many seconds a client may stand still; doubled by each time it was rebuilt."""
    doublings = min(rebuilt, _MOST_DOUBLINGS)
    return max(least, _SOCKET_TIMEOUTS * socket_timeout) * (1 << doublings)


def reader_is_stuck(looks: Sequence[Look], position: int) -> bool:
    """Tell whether others find records at the leader beyond the reader's position."""
    return _one_leader(looks) and all(
        look.end is not None and look.end > position for look in looks
    )


def producer_is_stuck(looks: Sequence[Look]) -> bool:
    """Tell whether others find a leader that answers and may accept records."""
    return _one_leader(looks) and all(look.end is not None and look.writable for look in looks)


def _one_leader(looks: Sequence[Look]) -> bool:
    leaders = {look.leader for look in looks}
    return len(looks) >= LOOKS_NEEDED and len(leaders) == 1 and -1 not in leaders
