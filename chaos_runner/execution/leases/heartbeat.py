"""Renew the hosts' lease while a fault is held, and watch that the fault is still there."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.leases.lease import Lease
from chaos_runner.execution.leases.renewal_record import RenewalRecord
from chaos_runner.faults.registry import absence_of
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.nodes.leases import ZoneHost, ZoneLeases
from chaos_runner.hosts.nodes.zones import zones_of
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.events import Notice, PlannedFault
from chaos_runner.journal.journal import Journal

RENEWALS_PER_LEASE = 3
"""A host hears from the control node three times per lease, so two lost renewals do no harm."""
SLOW_RENEWALS_PER_LEASE = 2
"""Where a renewal is slow, and on a host that has no fault yet: more of them would only make each
slower, and this is early enough within a lease."""
SLOW = 0.1
"""Share of a lease from which a renewal counts as slow."""
RETRIES_PER_LEASE = 20
"""After a renewal that failed the next one comes sooner: a lost answer must not cost a third."""
LEAST_PAUSE = 0.25
"""Seconds between two renewals of one host, however long each of them takes."""
OPENING_LIMIT = 15.0
"""Seconds that an injection waits for the connections of the renewals, and for each host …"""
OPENING_LIMIT_PER_HOST = 0.25
"""… so many more; a login costs this machine a tenth of a second."""
OPENED_AT_A_TIME = 50
"""Logins at a time: hundreds of key exchanges at once only make each of them run out of time."""
AT_A_TIME = 8
"""Renewals at a time: with more of them this machine only makes each of them slow."""
LONGEST_TURN = 5
"""After a fifth of a lease the next renewal goes all the same, so silent hosts hold up nobody."""


class Heartbeat:
    """Renew each host's lease from a thread of its own, over a connection of its own.

    A host that is silent or slow costs no other its lease. Renewals begin before the fault is
    on, for while it is put on other hosts the first one's lease runs already. Their connections
    are opened, and have become root, before that, so that no login, sudo or name lookup stands
    under the fault. What a host says before it is known to have the fault is not held against it.
    A host that is not heard of is tried again and again; its own lease undoes the fault meanwhile,
    and once that must have ended the fault counts as gone. `unreached` names hosts that are not
    renewed, since the channel for it does not reach them.

    Hosts with an execution node are renewed from there, see ZoneLeases; what the node says of them
    is taken here as if they had said it. A node that is silent may be cut off, and renews on: that
    alone is no fault that vanished.
    """

    def __init__(
        self,
        hosts: Sequence[Host],
        run: str,
        lease: int,
        journal: Journal,
        unreached: Collection[str] = (),
    ) -> None:
        self._hosts = {host.name: host for host in hosts}
        self._run = run
        self._seconds = lease
        self._journal = journal
        self._unreached = frozenset(unreached)
        self._leases = {host.name: Lease(lease) for host in hosts}
        self._released: frozenset[str] = frozenset()
        self._expected: frozenset[str] = frozenset()
        self._record = RenewalRecord(journal, lease)
        self._stop = threading.Event()
        self._logins = threading.BoundedSemaphore(OPENED_AT_A_TIME)
        self._turns = threading.BoundedSemaphore(AT_A_TIME)
        self._threads: dict[str, threading.Thread] = {}
        self._zones: dict[str, ZoneLeases] = {}
        for zone in zones_of(host for host in hosts if host.name not in unreached).values():
            if (node := zone[0].through) is not None:
                leases = ZoneLeases(node, zone, run, lease)
                self._zones |= dict.fromkeys([host.name for host in zone], leases)
        self._opened: dict[str, threading.Event] = {}
        self.vanished: dict[str, str] = {}
        """Hosts on which a fault is no longer in place although nobody reverted it, and why."""

    def expect(self, fault: PlannedFault) -> None:
        """Renew on the hosts that are about to get this fault, from now on."""
        self.open_for([fault])
        self._expected |= frozenset(fault.targets)

    def open_for(self, faults: Iterable[PlannedFault]) -> None:
        """Connect to the hosts that are to get these faults, and keep the connections in use.

        Many at the same time. Returns when the connections stand; a host that takes too long for
        that is not waited for. A fault that takes its hosts away by itself is not watched: their
        silence is the fault.
        """
        wanted: dict[str, None] = {}
        for fault in faults:
            if absence_of(fault.kind):
                self.release(fault)
            wanted |= dict.fromkeys(fault.targets)
        new = [host for host in wanted if host not in {*self._threads, *self._unreached}]
        for leases in {self._zones[host] for host in new if host in self._zones}:
            leases.open([host for host in new if self._zones.get(host) is leases])
        for number, host in enumerate(new):
            self._opened[host] = threading.Event()
            # Not all at once, then or later: that would make each of them slow.
            late = number / len(new) * self._seconds / RENEWALS_PER_LEASE
            self._threads[host] = threading.Thread(
                target=self._beat, args=[host, late], name=f"heartbeat-{host}", daemon=True
            )
            self._threads[host].start()
        until = time.monotonic() + OPENING_LIMIT + len(new) * OPENING_LIMIT_PER_HOST
        for host in new:
            self._opened[host].wait(max(0.0, until - time.monotonic()))

    def confirm(self, fault: PlannedFault, host: str) -> None:
        """Note that a host has said that it has this fault."""
        if host in self._zones:
            self._zones[host].hold(fault.fault, host, fault.duration)
        self._leases[host].confirm(fault.fault, time.monotonic(), self._released)

    def release(self, fault: PlannedFault) -> None:
        """Stop watching a fault that is about to be taken back."""
        self._released |= {fault.fault}
        for leases in set(self._zones.values()):
            leases.release(fault.fault)

    def may_have_ended(self, host: str) -> bool:
        """Tell whether a host was not heard of for so long that its lease must have ended.

        What an execution node that is silent does for its zone is not known: it may renew.
        """
        zone = self._zones.get(host)
        known = zone is None or zone.heard_for() > self._seconds
        return known and self._leases[host].is_over(self._released, time.monotonic())

    def stop(self) -> None:
        """Renew no more. A renewal under way is not waited for: the roll-back goes first."""
        self._stop.set()
        for leases in set(self._zones.values()):
            leases.stop()

    def close(self) -> None:
        """Wait for the renewals that are under way, which close their connections."""
        self.stop()
        for thread in self._threads.values():
            thread.join()
        for leases in set(self._zones.values()):
            leases.close()
        self._record.close()

    def _way_to(self, host: str) -> FleetRescue | ZoneHost:
        zone = self._zones.get(host)
        return ZoneHost(zone, host) if zone else FleetRescue([self._hosts[host]])

    def _beat(self, host: str, late: float) -> None:
        with self._way_to(host) as rescue:
            with nullcontext() if host in self._zones else self._logins:
                rescue.open()  # where it fails, the first renewal tries again and tells why
            self._opened[host].set()
            self._stop.wait(late)
            while not self._stop.is_set():
                began = time.monotonic()
                per_lease = RETRIES_PER_LEASE
                with Attempt() as attempt, self._turn(host):
                    per_lease = self._renew(host, rescue)
                    self._look_at_lease(host)
                if per_lease == RENEWALS_PER_LEASE and self._is_slow(began):
                    per_lease = SLOW_RENEWALS_PER_LEASE
                if attempt.error and not self._stop.is_set():
                    # Without a thread that renews, or a journal that tells it, the run is blind.
                    self.vanished.setdefault(host, f"the renewal failed: {attempt.problem}")
                left = began + self._seconds / per_lease - time.monotonic()
                self._stop.wait(max(LEAST_PAUSE, left))

    def _is_slow(self, began: float) -> bool:
        return time.monotonic() - began > SLOW * self._seconds

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        """Let a few renewals go at a time, as long as none of them keeps the others waiting.

        To listen to what an execution node says costs nobody a turn.
        """
        mine = host not in self._zones and self._turns.acquire(timeout=self._seconds / LONGEST_TURN)
        try:
            yield
        finally:
            if mine:
                self._turns.release()

    def _renew(self, host: str, rescue: FleetRescue | ZoneHost) -> int:
        """Ask a host to keep its faults; return how often per lease it is to be asked."""
        known = self._leases[host].confirmed
        answer = rescue.renew(self._run, self._seconds).get(host)
        if self._stop.is_set():
            return RETRIES_PER_LEASE  # what it says may be the roll-back's doing
        if isinstance(answer, RenewAnswer) and not answer.busy:
            self._take(host, answer, known - self._released)
            return RENEWALS_PER_LEASE if answer.ok else SLOW_RENEWALS_PER_LEASE
        self._leases[host].failed = _why(answer)
        # Before the fault is on there may be no guard yet that could answer.
        if self._leases[host].confirmed and self._leases[host].begin_silence():
            self._tell(host, f"did not answer the lease renewal: {_why(answer)}")
        return RETRIES_PER_LEASE if host in self._expected else SLOW_RENEWALS_PER_LEASE

    def _take(self, host: str, answer: RenewAnswer, known: frozenset[str]) -> None:
        """Take an answer; `known` are the faults that the host had when it was asked."""
        lease = self._leases[host]
        if not answer.ok:
            if known:
                self._note_vanished(host, answer.error or "the host has undone its faults")
            return
        self._record.note(host)
        listed = {fault.fault: fault for fault in answer.faults}
        lease.heard(frozenset(listed), time.monotonic())
        for name in known | frozenset(listed):
            if name in self._released:
                continue
            if name not in listed:
                self._note_vanished(host, f"fault {name} is no longer active")
            elif not listed[name].effect:
                self._note_vanished(host, f"fault {name} is no longer in place")

    def _look_at_lease(self, host: str) -> None:
        if not self._stop.is_set() and self.may_have_ended(host):
            lease = self._leases[host]
            text = f"no renewal reached the host for its lease of {self._seconds} s"
            self._note_vanished(host, f"{text}: {lease.failed}" if lease.failed else text)

    def _note_vanished(self, host: str, reason: str) -> None:
        if host not in self.vanished:
            self.vanished[host] = reason
            self._tell(host, f"the fault vanished: {reason}")

    def _tell(self, host: str, message: str) -> None:
        self._journal.write(Notice(level="warning", source="lease", host=host, message=message))


def _why(answer: RenewAnswer | ChaosRunnerError | None) -> str:
    if answer is None:
        return "no answer"
    return answer.message if isinstance(answer, ChaosRunnerError) else answer.error or "busy"
