"""The faults of the cluster in one run: put on, renewed, taken back, and looked at.

Each is held by a process of its own (`kafka.admin_faults.watchdog`); what takes it back is in the
state directory and in the journal before the cluster is changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from typing import Protocol

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError, InjectionError, ProbeError
from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer, RevertedFault
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    HostState,
    LeaseRenewed,
    PlannedFault,
    UndoRecorded,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.admin_faults.process import HeldFault, undo_once
from chaos_runner.kafka.admin_faults.protocol.messages import Access, HoldSettings, UndoSettings
from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecord, ClusterRecords
from chaos_runner.measurements.cluster_fault import CLUSTER, ClusterEnding, ClusterUndo
from chaos_runner.planning.plan import Plan
from chaos_runner.rollback.cluster_recovery import ended_fault, reverted_cluster
from chaos_runner.rollback.evidence import write_proof, write_reverted
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.threads.periodic import Repeated
from chaos_runner.wording.readings import readings_words
from chaos_runner.workspace import state_directory

RENEWALS_PER_LEASE = 3
LARGEST_UNDO = 8 * 1024**2
"""Characters; some fifty thousand partitions. A line of the journal may have twice as many."""


class HoldingRun(Protocol):
    """What a run shares with the faults that it holds."""

    plan: Plan
    journal: Journal
    hosts: dict[str, HostState]
    owed: dict[str, set[str]]
    ended: dict[tuple[str, str], RevertedFault]

    def whatever_happens(self, source: str) -> AbstractContextManager[None]:
        """Go on after a step of a roll-back, however it ends."""


class ClusterFaults:
    """Every fault of the cluster in a run. `vanished` gets why one is gone before its time."""

    def __init__(self, context: HoldingRun, vanished: MutableMapping[str, str]) -> None:
        self._context = context
        self._vanished = vanished
        self._records = ClusterRecords(state_directory())
        self._lock = threading.Lock()
        self._closing = False
        self._held: dict[str, HeldFault] = {}
        self._undos: dict[str, ClusterUndo] = {}
        self._renewals: dict[str, Repeated] = {}
        self._ended: dict[str, RevertedFault] = {}

    def apply(self, fault: PlannedFault) -> None:
        """Put a fault on; raises InjectionError, with what is on left to `take_back`."""
        journal = self._context.journal
        journal.write(FaultIntended(fault=fault.fault, host=CLUSTER))
        with self._lock:
            if self._closing:
                return  # one that was to come later; the run takes all back by now
            held = self._held[fault.fault] = HeldFault(self._settings(fault))
        try:
            undo = held.prepare()
            self._keep(undo, held)
            answer = held.apply()
        except InjectionError as error:
            journal.write(FaultFailed(fault=fault.fault, host=CLUSTER, message=error.message))
            raise
        self._context.owed.setdefault(CLUSTER, set()).add(fault.fault)
        journal.write(
            FaultApplied(
                fault=fault.fault,
                host=CLUSTER,
                lease=fault.lease,
                fingerprint=undo.fingerprint,
            )
        )
        journal.write(
            FaultEffect(
                fault=fault.fault, host=CLUSTER, seen=answer.effect, readings=answer.readings
            )
        )
        if not answer.effect:
            raise InjectionError(
                f"{fault.kind} did not take hold: {readings_words(answer.readings)}",
                "what was set was taken back; the report says how that ended",
            )
        every = fault.lease / RENEWALS_PER_LEASE
        renewals = Repeated(f"renew-{fault.fault}", every, self._renewal(fault, held))
        self._renewals[fault.fault] = renewals
        renewals.start()

    def begin_undo(self, fault: str | None = None) -> None:
        """Have one fault, or all of them, taken back, without waiting for it."""
        with self._lock:
            self._closing = self._closing or fault is None
            meant = list(self._held.items())
        for name, held in meant:
            if fault in (None, name) and name not in self._ended:
                if name in self._renewals:
                    self._renewals[name].stop()
                held.undo()

    def take_back(self, patience: float, fault: str | None = None) -> bool:
        """Wait until faults are off, and journal it; what a process cannot do is done here.

        Return whether all of them are.
        """
        self.begin_undo(fault)
        for name in list(self._undos):
            if fault not in (None, name) or name in self._ended:
                continue
            with self._context.whatever_happens("roll-back"):
                self._take_back(name, patience)
        meant = [name for name in self._undos if fault in (None, name)]
        return all(name in self._ended and self._ended[name].phase in OVER for name in meant)

    def verify(self) -> None:
        """Look at the cluster once more, over a new connection, and journal the proof."""
        if not self._held:
            return
        proved = reverted_cluster(list(self._looked_at()))
        if not self._undos:  # nothing was changed: it was not even begun
            proved = Reverted(CLUSTER, "clean", "admin", RevertAnswer(ok=True, state="clean"))
        self._context.hosts[CLUSTER] = proved.state
        faults = proved.answer.faults if proved.answer else []
        with self._context.whatever_happens("verify"):
            write_proof(self._context.journal, CLUSTER, proved.state, faults, proved.message)
        if proved.state == "clean" and not self._context.journal.write_error:
            for name in self._undos:
                self._records.drop(name)
        for held in self._held.values():
            held.leave()

    def _settings(self, fault: PlannedFault) -> HoldSettings:
        if fault.change is None:
            raise ChaosRunnerError(f"{fault.kind} is no fault of the cluster")
        plan = self._context.plan
        kafka = plan.experiment.kafka
        return HoldSettings(
            access=Access(
                bootstrap_servers=plan.bootstrap_servers,
                in_file=list(kafka.in_file(plan.experiment_file)),
                client=kafka.properties,
            ),
            run=plan.identity.run,
            fault=fault.fault,
            kind=fault.kind,
            change=fault.change,
            brokers=sorted({each for on in fault.brokers.values() for each in on}),
            lease=fault.lease,
            cap=fault.cap,
            record=str(self._records.path_of(fault.fault)),
        )

    def _keep(self, undo: ClusterUndo, held: HeldFault) -> None:
        """Put the undo on disk, in both places; raises InjectionError where that fails."""
        plan = self._context.plan
        file = plan.experiment.kafka.file_beside(plan.experiment_file)
        record = ClusterRecord(
            undo=undo,
            bootstrap_servers=plan.bootstrap_servers,
            properties_file=str(file) if file else "",
            client=plan.experiment.kafka.properties,
            holder=held.holder,
        )
        if len(undo.model_dump_json()) > LARGEST_UNDO:
            raise InjectionError(
                f"{undo.kind} would change more than can be kept: {len(undo.configs)} "
                f"configurations, {len(undo.replicas)} partitions",
                "the cluster was not changed; name fewer topics",
            )
        try:
            self._records.keep(record)
        except OSError as error:
            raise InjectionError(
                f"the undo cannot be kept in {self._records.directory}: {error.strerror}",
                "the cluster was not changed; XDG_STATE_HOME names another place",
            ) from error
        self._undos[undo.fault] = undo
        self._context.hosts[CLUSTER] = "unknown"
        self._context.journal.write(UndoRecorded(undo=undo))

    def _renewal(self, fault: PlannedFault, held: HeldFault) -> Callable[[], None]:
        def renew() -> None:
            with Attempt() as attempt:
                why = readings_words(held.renew())
                if not why:
                    self._context.journal.write(LeaseRenewed(hosts=[CLUSTER], lease=fault.lease))
            if why := attempt.problem or why:
                self._vanished.setdefault(CLUSTER, f"{fault.kind}: {why}")

        return renew

    def _take_back(self, name: str, patience: float) -> None:
        held, undo = self._held[name], self._undos[name]
        ending = held.wait(patience)
        problem = held.problem or "its process does not answer"
        if ending is None:
            try:
                settings = self._settings(self._fault(name))
                ending = undo_once(UndoSettings(access=settings.access, undo=undo))
            except ProbeError as error:
                problem = error.message
        fault = self._ended[name] = ended_fault(undo, ending, problem)
        self._context.ended[name, CLUSTER] = fault
        if ending is not None:
            write_reverted(self._context.journal, reverted_cluster([fault]), fault)

    def _looked_at(self) -> list[RevertedFault]:
        """Return each fault as another process sees it, which knows no more than the undo."""
        looked = []
        for name, undo in self._undos.items():
            known = self._ended.get(name) or ended_fault(undo, None, "it was not taken back")
            with Attempt() as attempt:
                access = self._settings(self._fault(name)).access
                seen = undo_once(UndoSettings(access=access, undo=undo, only_look=True))
                known = ended_fault(
                    undo, ClusterEnding(by="revert", differences=seen.differences), "", like=known
                )
            if attempt.error:
                known = ended_fault(undo, None, attempt.problem, like=known)
            looked.append(known)
        return looked

    def _fault(self, name: str) -> PlannedFault:
        return next(fault for fault in self._context.plan.faults if fault.fault == name)
