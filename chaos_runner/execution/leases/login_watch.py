"""Look whether new logins work on the hosts that have a fault, while it is on.

A renewal goes over a shell from before the fault, so it says nothing of them; and who wants to look
at a host by hand while it is in trouble, or `recover` from elsewhere, needs one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from chaos_runner.closing import Closing
from chaos_runner.faults.registry import absence_of
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.events import Notice, PlannedFault
from chaos_runner.journal.journal import Journal
from chaos_runner.threads.background import Background

EVERY = 30.0
"""Seconds between two logins on a host: what keeps them from working may come late, when a name
server's answers are forgotten."""
PAUSE = 0.5
"""Seconds between two logins of the run: each costs its host some hundredths of a second."""
TRIES = 2
"""A login that fails is tried once more before it is said."""
LIMIT = 60.0
"""Seconds that a login which is under way when the faults end is waited for."""


class LoginWatch(Closing):
    """A login with a shell of root, now and then, on each host that has a fault.

    One at a time. A host on which none works any more gets a notice, and another one once they
    work again; the fault stays, for the session from before it holds. It ends with the faults.
    """

    def __init__(
        self,
        hosts: Sequence[Host],
        faults: Sequence[PlannedFault],
        owed: Mapping[str, Collection[str]],
        unreached: Collection[str],
        ended: threading.Event,
        journal: Journal,
    ) -> None:
        """Begin to look.

        `owed` gets the hosts as faults are put on; `unreached` are those that the channel does not
        reach anyway. It ends when `ended` is set.
        """
        away = {host for fault in faults if absence_of(fault.kind) for host in fault.targets}
        self._hosts = {host.name: host for host in hosts if host.name not in {*away, *unreached}}
        self._owed = owed
        self._ended = ended
        self._journal = journal
        self._last: dict[str, float] = {}
        self._failing: set[str] = set()
        self._thread = Background("login-watch", self._watch)
        self._thread.start()

    def close(self) -> None:
        """Wait for the login that is under way."""
        self._thread.join(LIMIT)

    def _watch(self) -> None:
        while not self._ended.wait(PAUSE):
            for host in self._due():
                self._last[host] = time.monotonic()
                self._look(host)
                if self._ended.wait(PAUSE):
                    return

    def _due(self) -> Iterator[str]:
        now = time.monotonic()
        for host in list(self._owed):
            if host in self._hosts and now - self._last.get(host, -EVERY) >= EVERY:
                yield host

    def _look(self, host: str) -> None:
        for _ in range(TRIES):
            with FleetRescue([self._hosts[host]]) as fresh:
                error = fresh.open().get(host)
            if error is None or self._ended.is_set():
                break
        if self._ended.is_set():
            return  # the roll-back may have it so
        if error is None and host in self._failing:
            self._failing.discard(host)
            self._tell(host, "info", "new logins work again")
        elif error is not None and host not in self._failing:
            self._failing.add(host)
            text = f"no new login works while the fault is on: {error.message}"
            self._tell(host, "warning", f"{text}; the session from before it is still there")

    def _tell(self, host: str, level: Literal["info", "warning"], message: str) -> None:
        notice = Notice(level=level, source="login", host=host, message=message)
        self._journal.write(notice)
