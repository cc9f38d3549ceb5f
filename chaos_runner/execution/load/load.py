"""The load beside the probe: started before the steady state is judged, ended with the run."""

from __future__ import annotations

import time

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.hosts.nodes.load_command import load_call, load_start
from chaos_runner.journal.events import LoadEnded, LoadReported, LoadStarted
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.load.perf_test import LoadReport
from chaos_runner.kafka.load.process import LoadProcess
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.run_reason import RunReason

_FIRST_REPORT_LIMIT = 60.0
"""Seconds for the tool to start and to report for the first time, which it does after five."""
LONGEST_SILENCE = 30.0
"""Seconds; it reports every five of those in which a record was acknowledged."""
_TICK = 0.25


class Load:
    """The load of one run; nothing where its experiment names none."""

    def __init__(self, plan: Plan, journal: Journal) -> None:
        self._plan = plan
        self._journal = journal
        self._process: LoadProcess | None = None
        self._ended: LoadEnded | None = None
        self._is_unwanted = False

    def start(self, interruption: Interruption) -> None:
        """Start it and wait until it sends; raise ChaosRunnerError where it does not."""
        options = self._plan.experiment.load
        if options is None:
            return
        call = load_call(options, self._plan.bootstrap_servers)
        self._journal.write(
            LoadStarted(
                host=options.host or "",
                topic=options.topic,
                rate=options.rate,
                size=options.size,
                records=options.records,
                duration=options.duration,
                command=call,
            )
        )
        started = load_start(options, call, self._plan.inventory)
        directory = self._plan.experiment_file.parent
        self._process = LoadProcess(
            started.command, started.environment, directory, self._note, self._note_end
        )
        self._await_first_report(self._process, interruption)

    def _await_first_report(self, process: LoadProcess, interruption: Interruption) -> None:
        end = time.monotonic() + _FIRST_REPORT_LIMIT
        while not process.has_reported.is_set():
            interruption.wait(_TICK)
            interruption.raise_if_arrived()
            late = time.monotonic() > end
            if process.is_over.is_set() or late:
                process.end()
                why = f"nothing within {_FIRST_REPORT_LIMIT:g} s" if late else self._how_it_ended()
                raise ChaosRunnerError(
                    f"the load beside the probe did not begin to send: {why}",
                    "try the command that `load_started` in the journal shows",
                )

    def stop(self) -> RunReason | None:
        """End it; return a reason for doubt where it had ended, or had fallen silent, before."""
        if self._process is None:
            return None
        ended_itself = self._process.is_over.is_set()
        silence = self._process.silence
        self._is_unwanted = True
        self._process.end()
        if ended_itself and self._process.has_reported.is_set():
            return RunReason(code="load_ended", detail=self._how_it_ended())
        if self._process.has_reported.is_set() and silence > LONGEST_SILENCE:
            return RunReason(code="load_silent", seconds=silence)
        return None

    def _how_it_ended(self) -> str:
        if self._ended is None:
            return "it has not said how"
        said = f": {self._ended.output}" if self._ended.output else ""
        return f"exit code {self._ended.code}{said}"

    def _note(self, report: LoadReport) -> None:
        self._journal.write(
            LoadReported(
                records=report.records,
                per_second=report.per_second,
                average=report.average,
                longest=report.longest,
            )
        )

    def _note_end(self, code: int, output: str) -> None:
        self._ended = LoadEnded(by_run=self._is_unwanted, code=code, output=output)
        self._journal.write(self._ended)
