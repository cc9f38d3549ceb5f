"""Take faults of the cluster back after their run, from the state directory or the journal.

What it finds has the form of a host's answer, the cluster standing in a host's place.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer, RevertedFault
from chaos_runner.journal.events import Event, HostVerified, UndoRecorded
from chaos_runner.journal.journal import journals_in
from chaos_runner.journal.reader import read_journal
from chaos_runner.kafka.admin_faults.process import undo_once
from chaos_runner.kafka.admin_faults.protocol.messages import SESSION_SECONDS, Access, UndoSettings
from chaos_runner.kafka.admin_faults.protocol.records import (
    ClusterRecord,
    ClusterRecords,
    undo_alone,
)
from chaos_runner.measurements.cluster_fault import CLUSTER, ClusterEnding, ClusterUndo
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.units import printable

HOLDER_LIMIT = 60.0
"""Seconds for a living watchdog to take its fault back when it is told to."""


@dataclass(frozen=True)
class OpenFault:
    """One fault of a cluster that may still be on: its undo, and how to reach the cluster."""

    fault: str
    undo: ClusterUndo | None = None
    access: Access | None = None
    record: ClusterRecord | None = None
    problem: str = ""
    """Why it cannot be taken back: its record is torn, or nothing leads to the cluster."""


def open_faults(records: ClusterRecords, run: str | None = None) -> list[OpenFault]:
    """Return the faults that the state directory holds, of one run or of all.

    One whose record is torn is of any run: nobody knows.
    """
    found = []
    for fault in records.faults():
        try:
            record = records.read(fault)
        except UsageError as error:
            found.append(OpenFault(fault, problem=error.message))
            continue
        if run in (None, record.undo.run):
            try:
                found.append(OpenFault(fault, record.undo, record.access(), record))
            except UsageError as error:
                found.append(OpenFault(fault, record.undo, None, record, error.message))
    return found


def journalled_faults(run: str, runs_directory: Path, access: Access) -> list[OpenFault]:
    """Return the faults whose undo is in a run's journal, and that were not proved to be off.

    The journal names neither servers nor secrets, since it may come from anybody: the cluster is
    reached by what the inventory or the command line tells.
    """
    journal = journals_in(runs_directory).get(run)
    if journal is None:
        return []
    read = read_journal(journal)
    return [
        OpenFault(undo.fault, undo, None, problem=_not_from_a_journal(undo))
        if undo.power
        else OpenFault(undo.fault, undo, access)
        for undo in not_proved((*read.events, *read.recoveries))
    ]


def _not_from_a_journal(undo: ClusterUndo) -> str:
    """Return what to do by hand: no journal, which may come from anybody, starts a program."""
    commands = "; ".join(printable(shlex.join(each.on), limit=200) for each in undo.power)
    return f"only the state directory of the run may switch hosts on; do it yourself: {commands}"


def not_proved(events: Iterable[Event]) -> list[ClusterUndo]:
    """Return the undo of each fault after which the cluster was not proved clean. Pure."""
    found: dict[str, ClusterUndo] = {}
    for event in events:
        match event:
            case UndoRecorded(undo=undo):
                found[undo.fault] = undo
            case HostVerified(host=host, state="clean") if host == CLUSTER:
                found.clear()
    return list(found.values())


def recover_cluster(faults: Sequence[OpenFault], records: ClusterRecords) -> Reverted | None:
    """Take faults back, and drop the records of those that are proved to be off.

    Returns how the cluster is then; None where there was nothing to take back.
    """
    if not faults:
        return None
    results = list(_taken_back(faults, records))
    return reverted_cluster(results)


def look_at_cluster_faults(faults: Sequence[OpenFault]) -> Reverted | None:
    """Return how the cluster is, without changing anything; None where no fault is known."""
    results = []
    for each in faults:
        if each.undo is None or each.access is None:
            results.append(_unknown(each))
            continue
        try:
            ending = undo_once(UndoSettings(access=each.access, undo=each.undo, only_look=True))
            if each.undo.group and each.record and each.record.is_held():
                still = f"a member of the fault is in the group {each.undo.group}"
                ending = ending.model_copy(update={"differences": (still,)})
            results.append(ended_fault(each.undo, ending, ""))
        except ChaosRunnerError as error:
            results.append(ended_fault(each.undo, None, error.message))
    if not results:
        return None
    left = tuple(line for fault in results for line in fault.differences)
    return replace(reverted_cluster(results), residue=left)


def _taken_back(faults: Sequence[OpenFault], records: ClusterRecords) -> Iterator[RevertedFault]:
    for each in faults:
        # Whatever way to the cluster is known: a journal alone starts no program.
        by_journal_alone = each.undo is not None and each.undo.power and each.record is None
        if each.undo is None or each.access is None or by_journal_alone:
            yield _unknown(each)
            continue
        known = _told_by_holder(each, records)
        if each.undo.group and known is None:
            time.sleep(SESSION_SECONDS)  # the brokers forget a member that nobody speaks for
        try:
            with undo_alone(records.directory):
                ending = undo_once(UndoSettings(access=each.access, undo=each.undo))
        except (ChaosRunnerError, OSError) as error:
            words = error.message if isinstance(error, ChaosRunnerError) else str(error)
            yield ended_fault(each.undo, None, words)
            continue
        if known is not None:
            ending = known.model_copy(update={"differences": ending.differences})
        if not ending.differences:
            records.drop(each.fault)
        yield ended_fault(each.undo, ending, "")


def _told_by_holder(each: OpenFault, records: ClusterRecords) -> ClusterEnding | None:
    """Have a living watchdog take the fault back; return how it ended, if anybody wrote it."""
    record = each.record
    if record is None:
        return None
    if record.holder is not None and record.is_held():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(record.holder.process, signal.SIGTERM)
        deadline = time.monotonic() + HOLDER_LIMIT
        while record.is_held() and time.monotonic() < deadline:
            time.sleep(0.2)
    with suppress(UsageError):
        return records.read(each.fault).ending
    return None


def ended_fault(
    undo: ClusterUndo, ending: ClusterEnding | None, problem: str, like: RevertedFault | None = None
) -> RevertedFault:
    """Return how a fault of the cluster ended, in the form of a host's answer.

    Without an ending it is UNKNOWN, for the reason `problem`. `like` is what was known before: who
    ended it stays.
    """
    differences = (problem,) if ending is None else ending.differences
    phase = "UNKNOWN" if ending is None else "DIRTY" if differences else "CLEAN"
    return RevertedFault(
        fault=undo.fault,
        run=undo.run,
        kind=undo.kind,
        phase=phase,
        by=like.by if like else ending.by if ending else "",
        held=like.held if like else ending.held if ending else None,
        fingerprint_before=undo.fingerprint,
        fingerprint_after=undo.fingerprint if phase == "CLEAN" else "",
        differences=differences,
    )


def reverted_cluster(faults: Sequence[RevertedFault]) -> Reverted:
    """Return how the cluster is by its faults: the worst of them."""
    open_ = [fault for fault in faults if fault.phase not in OVER]
    answer = RevertAnswer(ok=True, state="dirty" if open_ else "clean", faults=tuple(faults))
    if not open_:
        return Reverted(CLUSTER, "clean", "admin", answer)
    unknown = [fault for fault in open_ if fault.phase == "UNKNOWN"]
    if unknown:
        return Reverted(CLUSTER, "unknown", "admin", answer, "; ".join(unknown[0].differences))
    return Reverted(CLUSTER, "dirty", "admin", answer, "the cluster is not as it was")


def accepted_cluster(reverted: Reverted, records: ClusterRecords) -> Reverted:
    """Take the cluster as it is now where it differs by somebody else's doing, and say so."""
    faults = reverted.answer.faults if reverted.answer else ()
    told = []
    for fault in faults:
        if fault.phase not in OVER:
            records.drop(fault.fault)
            changes = {"phase": "ACCEPTED", "by": "accept", "accepted": fault.differences}
            fault = fault.model_copy(update={**changes, "differences": ()})
        told.append(fault)
    return reverted_cluster(told)


def _unknown(each: OpenFault) -> RevertedFault:
    undo = each.undo
    return RevertedFault(
        fault=each.fault,
        run=undo.run if undo else "",
        kind=undo.kind if undo else "",
        phase="UNKNOWN",
        differences=(each.problem,),
    )
