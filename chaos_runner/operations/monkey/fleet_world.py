"""The world as it is: the system's clock, the fleet, findings, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.errors import ChaosRunnerError, RefusedError, UsageError
from chaos_runner.notify.message import Message
from chaos_runner.notify.receivers import Receiver
from chaos_runner.notify.sending import send
from chaos_runner.operations.monkey.going_on import gameday_going_on, run_going_on
from chaos_runner.operations.monkey.run_findings import finding_of, is_released
from chaos_runner.operations.monkey.world import ReadyRun, RunResult
from chaos_runner.schedule.loaded import DueExperiment, LoadedSchedule
from chaos_runner.wording.messages import announcement_message, finding_message

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.execution.stopping.interruption import Interruption
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.planning.plan import Plan
    from chaos_runner.workspace import NamedInventory


@dataclass(frozen=True)
class FleetWorld:
    """The clock, the fleet and people, as the service meets them."""

    loaded: LoadedSchedule
    inventory: NamedInventory
    runs: Path
    findings: Path
    receivers: tuple[Receiver, ...]
    interruption: Interruption
    say: Callable[[str], None]
    one_channel: bool = False

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a signal comes."""
        self.interruption.wait(seconds)

    def stop_reason(self) -> str:
        """Return the signal that came, or nothing."""
        return self.interruption.name

    def kept_away(self) -> str:
        """Return why no run may begin now: halted, or somebody else's run or game day."""
        from chaos_runner.execution.stopping.halt_switch import refuse_if_down
        from chaos_runner.workspace import state_directory

        try:
            for source in self.inventory.sources:
                refuse_if_down(source, state_directory())
        except RefusedError as error:
            return error.message
        going_on = run_going_on(self.runs)
        if going_on:
            return f"the run {going_on} is on"
        day = gameday_going_on(self.runs)
        return f"the game day {day} is on" if day else ""

    def prepare(self, experiment: DueExperiment) -> ReadyRun:
        """Plan a run on the inventory as it is now; raise ChaosRunnerError where it is refused."""
        from chaos_runner.operations.fleet import open_fleet
        from chaos_runner.operations.plan import plan_experiment

        session = open_fleet(self.inventory)
        plan = plan_experiment(
            experiment.experiment, experiment.file, session, one_channel=self.one_channel
        )
        plan.refuse_if_unsafe()
        hosts = plan.exposed
        groups = [name for name, of in plan.inventory.groups.items() if set(of) & set(hosts)]
        return ReadyRun(
            plan.identity.run, hosts, tuple(groups), lambda: self._execute(plan, session)
        )

    def _execute(self, plan: Plan, session: FleetSession) -> RunResult:
        from chaos_runner.execution.announcing.announcements import RunAnnouncements
        from chaos_runner.execution.start import start_run
        from chaos_runner.operations.report import write_html
        from chaos_runner.versions import versions

        outcome = start_run(
            plan,
            session.ansible,
            self.interruption,
            self.runs,
            versions(),
            lambda _: None,
            RunAnnouncements(self.receivers, self.say),
        )
        try:
            write_html(outcome.journal, findings=self.findings)
        except UsageError as error:
            self.say(f"no report of {outcome.run}: {error.message}")
        return self._result(outcome)

    def _result(self, outcome: Outcome) -> RunResult:
        outage = self.result_of(outcome.run).outage
        return RunResult(
            outcome.run, outcome.verdict, outcome.exit_code, outage, list(outcome.reasons)
        )

    def result_of(self, run: str) -> RunResult:
        """Return how a run ended, by its journal; without one it never began."""
        from chaos_runner.journal.journal import find_journal
        from chaos_runner.operations.history import read_facts

        try:
            facts = read_facts(find_journal(run, self.runs))
        except UsageError as error:
            return RunResult(run, reasons=[f"its journal says nothing: {error.message}"])
        outage = facts.details.figures.get("outage")
        reasons = [] if facts.verdict else ["the service died while it was on"]
        return RunResult(
            run,
            facts.verdict or "",
            facts.details.exit_code,
            outage.value if outage else 0.0,
            reasons,
        )

    def is_released(self, run: str) -> bool:
        """Tell whether the finding of a run that deviated is closed."""
        return is_released(self.findings, run)

    def make_finding(self, run: str) -> str:
        """Write a finding of a run, or find the one there is; return its name."""
        owner = self.loaded.schedule.owner or "nobody yet"
        return finding_of(run, self.findings, self.runs, owner)

    def announce(self, experiment: DueExperiment, due: datetime) -> None:
        """Tell the receivers what comes; raise ChaosRunnerError where none of them took it."""
        owner = experiment.experiment.owner or self.loaded.schedule.owner
        message = announcement_message(
            experiment.experiment.title, owner or "", due, self.loaded.zone
        )
        delivered = send(message, self.receivers)
        failed = [f"{each.receiver}: {each.problem}" for each in delivered if each.problem]
        if len(failed) == len(delivered):
            raise ChaosRunnerError("; ".join(failed) or "no receiver wants announcements")
        for each in failed:
            self.say(f"not announced to {each}")

    def tell_end(self, experiment: DueExperiment, result: RunResult) -> None:
        """Tell how a run ended whose service died."""
        reasons = "; ".join(result.reasons)
        title = experiment.experiment.title
        message = Message("end", f"Ended: {title}", f"{reasons}\nRun {result.run}.", "warning")
        self._tell(message)

    def tell_finding(self, experiment: DueExperiment, run: str, finding: str) -> None:
        """Tell whose finding a run that deviated became, and when its experiment comes again."""
        owner = experiment.experiment.owner or self.loaded.schedule.owner or "nobody yet"
        title = experiment.experiment.title
        self._tell(finding_message(experiment.name, title, owner, run, finding))

    def _tell(self, message: Message) -> None:
        for each in send(message, self.receivers):
            if each.problem:
                self.say(f"{each.receiver} was not told: {each.problem}")

    def log(self, text: str) -> None:
        """Say on one line what happens."""
        self.say(text)
