"""Hold one fault of a cluster: `python -m chaos_runner.kafka.admin_faults.watchdog`.

A process of its own session, started by `process`. It works out the undo and tells it, waits until
that is on disk, puts the fault on, and takes it back: when it is told to, when no renewal came for
a lease, after the cap, on SIGTERM, and at once when the run that started it dies and so its pipe
closes. It is what the lease watchdog is on a host.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import FrameType
from typing import Literal

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.kafka.admin_faults.action import Action
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.leader_moving import LeaderMoving
from chaos_runner.kafka.admin_faults.powering import Powering
from chaos_runner.kafka.admin_faults.protocol.messages import (
    MEMORY,
    ORDER_APPLY,
    ORDER_RENEW,
    ORDER_UNDO,
    Ended,
    Failed,
    HoldSettings,
    InPlace,
    Prepared,
)
from chaos_runner.kafka.admin_faults.protocol.records import read_record, undo_alone, write_record
from chaos_runner.kafka.admin_faults.rebalancing import Rebalancing
from chaos_runner.kafka.admin_faults.throttling import Throttling
from chaos_runner.kafka.admin_faults.undoing import take_back
from chaos_runner.measurements.cluster_fault import (
    ClusterChange,
    ClusterEnding,
    ClusterUndo,
    MoveLeaders,
    RebalanceGroup,
    SwitchPower,
    ThrottleReplication,
)
from chaos_runner.measurements.reading import said
from chaos_runner.own_process import keep_secrets

UNDO_PAUSE = 2.0
"""Seconds between two tries to take a fault back."""
UNDO_LIMIT = 3600.0
"""Seconds for which it is tried; then `recover` has to."""
EndedBy = Literal["revert", "lease", "timer", "others"]


class Watchdog:
    """One fault, from the first look at the cluster to the last."""

    def __init__(self, settings: HoldSettings) -> None:
        self._settings = settings
        self._orders: SimpleQueue[str] = SimpleQueue()
        self._cluster = Cluster(settings.access)
        self._action: Action = action_of(settings.change, settings.brokers)
        self._on_since: float | None = None

    def run(self) -> None:
        """Do all of it; returns when the fault is off, or can no longer be tried to be."""
        signal.signal(signal.SIGTERM, self._told_to_go)
        Thread(target=self._read_orders, name="orders", daemon=True).start()
        undo = self._prepared()
        tell(Prepared(undo=undo))
        if self._orders.get() != ORDER_APPLY:  # the run died, or thought better of it
            return
        self._on_since = time.monotonic()
        by: EndedBy = "revert"
        try:
            self._apply(undo)
            by = self._hold(undo)
            if by == "revert" and not self._in_place(undo, 0.0).effect:
                by = "others"  # since the last renewal; nobody knows for how long it was on
        finally:  # whatever went wrong here
            self._take_back(undo, by)

    def _apply(self, undo: ClusterUndo) -> None:
        try:
            self._action.apply(self._cluster, undo)
            self._on_since = time.monotonic()
            tell(self._in_place(undo, self._action.effect_limit))
        except ChaosRunnerError as error:
            tell(InPlace(effect=False, readings=(said(error.message),)))

    def _prepared(self) -> ClusterUndo:
        settings = self._settings
        undo = ClusterUndo(
            run=settings.run,
            fault=settings.fault,
            kind=settings.kind,
            cluster=self._cluster.identity(),
        )
        return self._action.prepare(self._cluster, undo)

    def _hold(self, undo: ClusterUndo) -> EndedBy:
        """Return what ends the fault, when it does."""
        began = heard = time.monotonic()
        while True:
            now = time.monotonic()
            until = min(heard + self._settings.lease, began + self._settings.cap)
            try:
                order = self._orders.get(timeout=max(0.0, min(until - now, self._action.pause)))
            except Empty:
                if time.monotonic() < until:
                    self._action.go_on(self._cluster)
                    continue
                over = time.monotonic() >= began + self._settings.cap
                return "timer" if over else "lease"
            if order == ORDER_RENEW:
                heard = time.monotonic()
                if self._orders.empty():  # a cluster that answers late must not make orders wait
                    tell(self._in_place(undo, 0.0))
                continue
            return "revert" if order == ORDER_UNDO else "lease"

    def _in_place(self, undo: ClusterUndo, limit: float) -> InPlace:
        try:
            effect, readings = self._action.effect(self._cluster, undo, limit)
        except ChaosRunnerError as error:
            # Nothing is known; that the cluster does not answer takes no fault away.
            return InPlace(effect=limit == 0.0, readings=(said(error.message),))
        return InPlace(effect=effect, readings=readings)

    def _take_back(self, undo: ClusterUndo, by: EndedBy) -> None:
        """Try until it is done; tell each failure that is new."""
        last, deadline = "", time.monotonic() + UNDO_LIMIT
        record = Path(self._settings.record)
        while True:
            with Attempt() as attempt:  # no mistake of ours ends the trying
                with undo_alone(record.parent):
                    self._action.stop()
                    differences = take_back(self._cluster, undo)
                    held = None if by == "others" else self._held()
                    ending = ClusterEnding(by=by, held=held, differences=differences)
                    _write_ending(record, ending)
                tell(Ended(ending=ending))
            if attempt.error is None:
                return
            if attempt.problem != last:
                last = attempt.problem
                tell(Ended(error=self._cluster.settings.hide_secrets(last)))
            if time.monotonic() >= deadline:
                return
            time.sleep(UNDO_PAUSE)

    def _held(self) -> float | None:
        return None if self._on_since is None else round(time.monotonic() - self._on_since, 3)

    def _read_orders(self) -> None:
        for line in sys.stdin:
            self._orders.put(line.strip())
        self._orders.put("")  # the pipe is closed: whoever held its other end is gone

    def _told_to_go(self, number: int, frame: FrameType | None) -> None:
        self._orders.put(ORDER_UNDO)


def action_of(change: ClusterChange, brokers: Sequence[int]) -> Action:
    """Return what makes a change."""
    match change:
        case ThrottleReplication():
            return Throttling(change, brokers)
        case RebalanceGroup():
            return Rebalancing(change)
        case MoveLeaders():
            return LeaderMoving(change, brokers)
        case SwitchPower():
            return Powering(change)


def _write_ending(path: Path, ending: ClusterEnding) -> None:
    """Write into the record how it ended, for a run that does not hear of it any more.

    Where the record is gone or torn the journal has the undo, and nothing is left to say.
    """
    with suppress(UsageError):
        record = read_record(path)
        write_record(path, record.model_copy(update={"ending": ending}))


def tell(message: Prepared | InPlace | Ended | Failed) -> None:
    """Write one line for the run; one that is dead needs none."""
    with suppress(BrokenPipeError):
        sys.stdout.write(message.model_dump_json() + "\n")
        sys.stdout.flush()


def main() -> None:
    """Read the settings and hold the fault."""
    keep_secrets(MEMORY)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = HoldSettings.model_validate_json(sys.stdin.readline())
    try:
        Watchdog(settings).run()
    except ChaosRunnerError as error:
        tell(Failed(text=error.message, hint=error.hint))


if __name__ == "__main__":
    main()
    # The client's own shutdown may wait for brokers that will never answer.
    os._exit(0)
