"""Ask the people of a game day on the terminal, and show them what goes on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.cli.live.running import execute_plan, try_report
from chaos_runner.cli.text.confirmation import confirm_hosts
from chaos_runner.errors import RefusedError
from chaos_runner.shown import shown, shown_line

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.gameday.events import Decision
    from chaos_runner.gameday.load import LoadedItem
    from chaos_runner.gameday.progress import Progress
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.operations.gameday.walk import Execute
    from chaos_runner.planning.plan import Plan

_ANSWERS: dict[str, Decision] = {
    "go": "go",
    "g": "go",
    "no-go": "no-go",
    "n": "no-go",
    "stop": "stop",
    "s": "stop",
}


@dataclass
class Terminal:
    """The terminal of whoever walks through the agenda: questions and answers, line by line."""

    remark: Callable[[str], str] = lambda _: ""
    """Writes a line that answers no question into the journal, if it is a remark, and says so."""
    outcomes: list[Outcome] = field(default_factory=list)
    reports: dict[str, Path | None] = field(default_factory=dict)
    is_closed: bool = False
    """Whether its window was closed."""

    def decide(self, entry: LoadedItem, progress: Progress) -> Decision | None:
        """Ask for go, no-go or stop before an item; None where nobody answers any more."""
        if self.is_closed:
            return None
        self.say("")
        if progress.aborted is not None:
            said = progress.aborted
            reason = said.reason or "no reason was given"
            self.say(shown_line(f"aborted by {said.who or said.by}: {reason}"))
        item = entry.item
        self.say(f"{entry.number}. {item.kind}: {entry.title}")
        if item.expected:
            self.say(f"   expected: {item.expected}")
        if item.noticed_first_by:
            self.say(f"   expected to notice first: {item.noticed_first_by}")
        while True:
            line = self._asked("   go, no-go or stop? ")
            if not line:
                return None
            if decision := _ANSWERS.get(line.strip().lower()):
                return decision
            self._take_down(line)

    def hold(self, entry: LoadedItem) -> bool:
        """Wait until somebody presses Enter; False where nobody does any more."""
        while True:
            line = self._asked("   press Enter when it is over ")
            if not self._take_down(line):
                return bool(line)

    def _take_down(self, line: str) -> bool:
        """Write down what was typed, if it is a remark."""
        said = self.remark(line.strip())
        if said:
            self.say(f"   {said}")
        return bool(said)

    def show(self, outcome: Outcome) -> None:
        """Write the report of a run, and show how it ended."""
        report = try_report(outcome)
        self.outcomes.append(outcome)
        self.reports[outcome.run] = report
        hosts = ", ".join(f"{host} {state}" for host, state in outcome.hosts.items())
        self.say(f"   {outcome.verdict}; {hosts or 'no host touched'}; report {report or 'none'}")
        for reason in outcome.reasons:
            self.say(shown_line(f"   {reason}"))

    def say(self, text: str) -> None:
        """Show lines on stderr; what others put into them cannot harm the terminal."""
        with suppress(OSError):  # the window was closed: the next question finds nobody
            print(shown(text), file=sys.stderr, flush=True)

    def _asked(self, question: str) -> str:
        """Return the line that somebody types, empty where nobody can any more."""
        with suppress(OSError):
            print(question, end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            return "" if self.is_closed else line
        return ""

    @contextmanager
    def until_closed(self) -> Iterator[None]:
        """Hear of a closed window by a mark, so that the walk ends in order; a run hears by itself.

        A handler, and not to ignore the signal: programs that are started would ignore it, too.
        """
        before = signal.signal(signal.SIGHUP, lambda *_: setattr(self, "is_closed", True))
        try:
            yield
        finally:
            signal.signal(signal.SIGHUP, before)

    def watched(self, execute: Execute) -> Execute:
        """Return an `execute` whose runs do not begin where the window was closed meanwhile."""

        def executed(entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
            def begin_watched(run: str) -> None:
                if self.is_closed:
                    raise RefusedError("the terminal was closed before it began")
                begin(run)

            return execute(entry, begin_watched)

        return executed


@dataclass(frozen=True)
class Executor:
    """How the experiments of a game day are executed: with their faults, on a fleet."""

    session: FleetSession
    runs_directory: Path
    yes: bool
    one_channel: bool

    def __call__(self, entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
        """Plan, confirm and execute the experiment of an item, unless runs are halted."""
        from chaos_runner.execution.stopping.halt_switch import refuse_if_down
        from chaos_runner.operations.run import run_experiment
        from chaos_runner.workspace import state_directory

        experiment, file = entry.required
        for source in self.session.inventory.sources:  # it may be halted since the day began
            refuse_if_down(source, state_directory())

        def execute(plan: Plan) -> Outcome:
            begin(plan.identity.run)
            return execute_plan(plan, self.session.ansible, self.runs_directory)

        return run_experiment(
            experiment,
            file,
            self.session,
            one_channel=self.one_channel,
            confirm=lambda plan: confirm_hosts(self.session, plan.touched, yes=self.yes),
            execute=execute,
        )


@dataclass(frozen=True)
class Rehearser:
    """How the experiments of a rehearsal are executed: measured, without any fault."""

    inventory: list[Path] | None
    runs_directory: Path

    def __call__(self, entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
        """Measure for as long as the experiment judges the steady state before its faults."""
        from chaos_runner.operations.measure import measure

        experiment, file = entry.required
        bare = experiment.without_faults(f"Rehearsal: {experiment.title}", experiment.phases.before)

        def execute(plan: Plan, ansible: AnsibleChannel) -> Outcome:
            begin(plan.identity.run)
            return execute_plan(plan, ansible, self.runs_directory)

        return measure(bare, file, "probe", self.inventory, execute).outcome
