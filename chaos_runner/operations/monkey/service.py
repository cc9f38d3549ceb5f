"""The monkey's service: each occurrence of a schedule in its time, once, or told why not."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.operations.monkey.world import ReadyRun, RunResult, World
from chaos_runner.schedule.closed import closed_because, outside_hours
from chaos_runner.schedule.history import History
from chaos_runner.schedule.limits import limit_reached, opted_out
from chaos_runner.schedule.loaded import DueExperiment, LoadedSchedule
from chaos_runner.schedule.monkey_events import (
    Announced,
    Begun,
    Ended,
    FindingMade,
    Skipped,
    Started,
    Stopped,
)
from chaos_runner.schedule.occurrences import Occurrence, occurrences
from chaos_runner.schedule.progress import Progress, progress_of, schedule_history
from chaos_runner.units import format_duration

GRACE = timedelta(minutes=5)
"""After its time an occurrence still comes: a machine starts anew in that time."""
LONGEST_WAIT = timedelta(seconds=30)
"""Between two looks: the clock may be set while the service waits."""


class Monkey:
    """The service of one schedule. What it knows is in its journal; it can die anywhere."""

    def __init__(self, loaded: LoadedSchedule, journal: MonkeyJournal, world: World) -> None:
        self._loaded = loaded
        self._journal = journal
        self._world = world
        self._read = (-1, Progress())

    def work(self) -> None:
        """Work until a signal comes; a run that is on then is ended and rolled back first."""
        self._journal.append(
            Started(at=self._world.now(), schedule=str(self._loaded.file), process=os.getpid())
        )
        self._world.log(f"works off {self._loaded.file}: {self._loaded.schedule.title}")
        while not self._world.stop_reason():
            self._world.wait(self.step())
        self._journal.append(Stopped(at=self._world.now(), reason=self._world.stop_reason()))
        self._world.log(f"stops: {self._world.stop_reason()}")

    def step(self) -> float:
        """Do what is due now; return the seconds until something is, or may be."""
        self._finish(self._progress())
        progress = self._progress()
        now = self._world.now()
        wake = now + LONGEST_WAIT
        history = schedule_history(progress, self._world.is_released)
        begin = progress.seen_until or now
        for each in occurrences(self._loaded, begin, wake + self._lead, history):
            if each.due <= now:
                if not self._is_over(each, progress, history, now):
                    return 0.0
                continue
            tell = each.due - self._lead
            if self._is_to_be_announced(each, progress):
                if tell <= now:
                    self._announce(each)
                    return 0.0
                wake = min(wake, tell)
            wake = min(wake, each.due)
        return (wake - now).total_seconds()

    def _progress(self) -> Progress:
        """Return what the journal says; it is read again where it has grown, by whomever."""
        size = self._journal.size()
        if size != self._read[0]:
            self._read = (size, progress_of(self._journal.events()))
        return self._read[1]

    @property
    def _lead(self) -> timedelta:
        announce = self._loaded.schedule.announce
        return timedelta(seconds=announce.lead if announce else 0)

    def _is_to_be_announced(self, each: Occurrence, progress: Progress) -> bool:
        return (
            self._loaded.schedule.announce is not None
            and not each.left_out
            and (each.experiment, each.due) not in progress.announced
        )

    def _is_over(
        self, each: Occurrence, progress: Progress, history: History, now: datetime
    ) -> bool:
        """Deal with an occurrence whose time has come; return whether it was as foreseen.

        One that comes, or was to come and does not, changes what comes after it.
        """
        if each.left_out:
            self._skip(each, each.left_out)
            return True
        if now - each.due > GRACE:
            late = format_duration(int((now - each.due).total_seconds()))
            self._skip(each, f"missed: nobody was there until {late} after it was due")
        else:
            self._come(each, progress, history)
        return False

    def _announce(self, each: Occurrence) -> bool:
        """Announce an occurrence; one of which nobody could be told does not come."""
        experiment = self._loaded.experiment(each.experiment)
        if experiment is None:
            return False
        try:
            self._world.announce(experiment, each.due)
        except ChaosRunnerError as error:
            self._skip(each, f"could not be announced: {error.message}")
            return False
        self._journal.append(
            Announced(at=self._world.now(), experiment=each.experiment, due=each.due)
        )
        return True

    def _come(self, each: Occurrence, progress: Progress, history: History) -> None:
        """Begin a run, unless something keeps it away, and see it end."""
        experiment = self._loaded.experiment(each.experiment)
        if experiment is None:
            return
        reason = self._world.kept_away() or self._late(experiment)
        if reason:
            self._skip(each, reason)
            return
        if self._is_to_be_announced(each, progress) and not self._announce(each):
            return
        try:
            ready = self._world.prepare(experiment)
        except ChaosRunnerError as error:
            self._skip(each, f"refused: {error.message}")
            return
        reason = self._late(experiment) or self._refused_for(ready, history)
        if reason or self._world.stop_reason():
            self._skip(each, reason or f"the service was stopped: {self._world.stop_reason()}")
            return
        self._execute(each, experiment, ready)

    def _late(self, experiment: DueExperiment) -> str:
        """Return why a run that begins now, and not when it was due, would be outside a window."""
        now, zone = self._world.now(), self._loaded.zone
        windows = self._loaded.schedule.windows
        return outside_hours(windows, zone, now, experiment.seconds) or closed_because(
            windows, zone, self._loaded.closed, now, experiment.seconds
        )

    def _refused_for(self, ready: ReadyRun, history: History) -> str:
        """Return what stands against the very hosts that were chosen."""
        now = self._world.now()
        return opted_out(self._loaded, now, ready.groups, ready.hosts) or limit_reached(
            self._loaded, now, ready.groups, ready.hosts, history.runs
        )

    def _execute(self, each: Occurrence, experiment: DueExperiment, ready: ReadyRun) -> None:
        now = self._world.now()
        self._journal.append(
            Begun(
                at=now,
                experiment=each.experiment,
                due=each.due,
                run=ready.run,
                hosts=list(ready.hosts),
                groups=list(ready.groups),
                expected_end=now + timedelta(seconds=experiment.seconds),
            )
        )
        self._world.log(f"begins {each.experiment} as {ready.run} on {', '.join(ready.hosts)}")
        try:
            result = ready.execute()
        except ChaosRunnerError as error:
            result = RunResult(ready.run, exit_code=error.exit_code, reasons=[error.message])
        self._ended(each.experiment, each.due, result)

    def _ended(self, name: str, due: datetime, result: RunResult) -> None:
        """Write down how a run ended, and make a finding where it deviated."""
        self._journal.append(
            Ended(
                at=self._world.now(),
                experiment=name,
                due=due,
                run=result.run,
                verdict=result.verdict,
                exit_code=result.exit_code,
                outage=result.outage,
                reasons=result.reasons,
            )
        )
        said = result.verdict or "without a verdict"
        reasons = f": {'; '.join(result.reasons)}" if result.reasons else ""
        self._world.log(f"{name} ended as {result.run}: {said}{reasons}")
        self._finish(self._progress())

    def _finish(self, progress: Progress) -> None:
        """Do what a service that died left undone: the end of a run, a finding."""
        if (begun := progress.unfinished) is not None:
            result = self._world.result_of(begun.run)
            self._ended(begun.experiment, begun.due, result)
            experiment = self._loaded.experiment(begun.experiment)
            if experiment is not None:
                self._world.tell_end(experiment, result)
            return
        for name, ended in progress.deviated.items():
            if ended.run in progress.findings:
                continue
            try:
                finding = self._world.make_finding(ended.run)
            except ChaosRunnerError as error:
                self._world.log(f"no finding of {ended.run}: {error.message}")
                continue
            experiment = self._loaded.experiment(name)
            if experiment is not None:
                self._world.tell_finding(experiment, ended.run, finding)
            self._journal.append(
                FindingMade(at=self._world.now(), experiment=name, run=ended.run, finding=finding)
            )
            self._world.log(f"{name} deviated, and does not come again: finding {finding}")

    def _skip(self, each: Occurrence, reason: str) -> None:
        now = self._world.now()
        self._journal.append(
            Skipped(at=now, experiment=each.experiment, due=each.due, reason=reason[:1000])
        )
        self._world.log(f"leaves out {each.experiment} of {each.due:%Y-%m-%d %H:%M:%S}Z: {reason}")
