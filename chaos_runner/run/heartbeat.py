"""Renew the hosts' lease while a fault is held, and watch that the fault is still there."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.fleet_rescue import FleetRescue
from chaos_runner.run.events import LeaseRenewed, Notice, PlannedFault
from chaos_runner.run.journal import Journal

RENEWALS_PER_LEASE = 3
"""A host hears from the controller three times per lease, so two lost renewals do no harm."""


class Heartbeat:
    """Renew every third of a lease from a thread of its own, over connections of its own.

    The connections are opened when the heartbeat starts, which is after the fault was applied:
    the first renewal is the proof that the fault leaves the control path open. A host that is
    not heard of is tried again each time; its own lease undoes the fault meanwhile.
    """

    def __init__(self, hosts: Sequence[Host], run: str, lease: int, journal: Journal) -> None:
        self._rescue = FleetRescue(hosts)
        self._run = run
        self._lease = lease
        self._journal = journal
        self._held: dict[str, frozenset[str]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.vanished: dict[str, str] = {}
        """Hosts on which a fault is no longer in place although nobody reverted it, and why."""

    def hold(self, fault: PlannedFault) -> None:
        """Watch this fault from now on; the first one starts the renewals."""
        self._held = {**self._held, fault.fault: frozenset(fault.targets)}
        if len(self._held) == 1:
            self._thread.start()

    def release(self, fault: PlannedFault) -> None:
        """Stop watching a fault that is about to be taken back."""
        self._held = {name: hosts for name, hosts in self._held.items() if name != fault.fault}

    def stop(self) -> None:
        """Renew no more. A renewal under way is not waited for: the roll-back goes first."""
        self._stop.set()

    def close(self) -> None:
        """Wait for a renewal that is under way, and close the connections."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join()
        self._rescue.close()

    def _beat(self) -> None:
        while not self._stop.is_set():
            self._renew_everywhere()
            self._stop.wait(self._lease / RENEWALS_PER_LEASE)

    def _renew_everywhere(self) -> None:
        answers = self._rescue.renew(self._run, self._lease)
        if self._stop.is_set():
            return  # what it says may be the roll-back's doing
        held = self._held
        for host, answer in answers.items():
            if not any(host in hosts for hosts in held.values()):
                continue
            if isinstance(answer, ChaosRunnerError):
                self._tell(host, f"did not answer the lease renewal: {answer.message}")
            elif not answer.ok:
                self._note_vanished(host, answer.error or "the host has undone its faults")
            else:
                self._journal.write(LeaseRenewed, host=host, lease=self._lease)
                for fault in answer.faults:
                    if fault.fault in held and not fault.effect:
                        self._note_vanished(host, f"fault {fault.fault} is no longer in place")

    def _note_vanished(self, host: str, reason: str) -> None:
        if host not in self.vanished:
            self.vanished[host] = reason
            self._tell(host, f"the fault vanished: {reason}")

    def _tell(self, host: str, message: str) -> None:
        self._journal.write(Notice, level="warning", source="lease", host=host, message=message)
