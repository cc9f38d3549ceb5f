"""What the phases of one run share."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ProbeError
from chaos_runner.execution.cluster.cluster_faults import ClusterFaults
from chaos_runner.execution.course.fault_threads import FaultThreads
from chaos_runner.execution.course.progress import Progress
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.steady_checks import SteadyChecks
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.fleet.guard_answers.fault_answers import RevertedFault
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.journal.events import (
    HostState,
    Notice,
    Phase,
    PhaseJudged,
    PhaseStarted,
    PlannedFault,
    Waiting,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.zones.probes import Probes
from chaos_runner.measurements.model import Totals
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.verdict.judgement import Judgement, Verdict, worst_verdict
from chaos_runner.verdict.outcomes import judge_outcomes
from chaos_runner.verdict.run_outcomes import Outcomes
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.tolerances import judge_phase
from chaos_runner.verdict.zones import ZoneAccount, judge_zones


@dataclass
class RunContext:
    """The plan, the channels, the probe and what is known so far, from phase to phase."""

    plan: Plan
    journal: Journal
    ansible: AnsibleChannel
    interruption: Interruption
    observations: Observations
    probe: Probes
    hosts: dict[str, HostState] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    zone_verdicts: dict[str, dict[str, Verdict]] = field(default_factory=dict)
    """Phase to zone to the verdict on what was measured from there alone."""
    inconclusive: list[RunReason] = field(default_factory=list)
    """Reasons for which the run may not say held."""
    deviations: list[RunReason] = field(default_factory=list)
    """Reasons for which the run says deviated, beside the judged tolerances."""
    reverted: set[tuple[str, str]] = field(default_factory=set)
    """Fault and host of every roll-back that is in the journal."""
    owed: dict[str, set[str]] = field(default_factory=dict)
    """Per host the faults that it has put on, and so has to know of when it is rolled back."""
    needed: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    """Per fault that is not wanted any more the seconds for which it was wanted on every target,
    and the hosts whose lease must have ended by then."""
    ended: dict[tuple[str, str], RevertedFault] = field(default_factory=dict)
    """Fault and host to what the host last said of how it ended."""
    mistakes: list[str] = field(default_factory=list)
    """What went wrong inside chaos-runner while hosts were put back all the same."""
    not_applied: str = ""
    """Why a fault could not be applied, or nothing."""
    plan_outdated: bool = False
    """Whether a target was not any more what it was chosen for, and no host was touched."""

    course: Progress = field(default_factory=Progress)
    """How far the faults have come."""
    cluster: ClusterFaults | None = None
    """The faults of the cluster; None until the first fault is put on."""
    threads: FaultThreads = field(default_factory=FaultThreads)
    """Where faults come and end while others go on."""
    checks: SteadyChecks = field(init=False)
    """What else is asked while the run lasts."""

    def __post_init__(self) -> None:
        self.checks = SteadyChecks(self.plan, self.journal, self.observations)

    def stop_course(self, reason: RunReason, *, deviates: bool) -> None:
        """End the faults early and put no more on: the run deviates, or is inconclusive."""
        if self.course.stopped or self.course.closing.is_set():
            return
        if deviates:
            self.deviations.append(reason)
            self.journal.write(Notice(level="warning", source="course", reason=reason))
        else:
            self.doubt("course", reason)
        self.course.stopped = True

    @contextmanager
    def whatever_happens(self, source: str) -> Iterator[None]:
        """Go on after this step of a roll-back, however it ends; a mistake in it is told."""
        with Attempt() as attempt:
            yield
        if attempt.error:
            self.note_mistake(source, attempt.problem)

    def note_mistake(self, source: str, text: str) -> None:
        """Note what went wrong inside chaos-runner; the run cannot say held after it."""
        self.mistakes.append(f"{source}: {text}")
        self.doubt(source, RunReason(code="internal_error", detail=text))

    def release(self, fault: PlannedFault, lapsed: Collection[str]) -> None:
        """Note for how long a fault was wanted, and on which hosts its lease had `lapsed`."""
        on = min(fault.duration, self.course.on_for(fault, time.monotonic()))
        self.needed[fault.fault] = (on, frozenset(lapsed))

    def enter(self, phase: Phase) -> None:
        """Begin a phase, in the journal and, for records from now on, in the probe."""
        self.journal.write(PhaseStarted(phase=phase))
        self.observations.enter_phase(phase)
        if self.probe.alive:
            self._stamp_records(phase)

    def wait_for(self, what: str) -> None:
        """Tell what the run waits for from now on, in the phase that it is in."""
        self.journal.write(Waiting(what=what))

    def _stamp_records(self, phase: Phase) -> None:
        try:
            self.probe.enter_phase(phase)
        except ProbeError as error:
            self.doubt("probe", RunReason(code="probe_failed", detail=error.message))

    def doubt(self, source: str, reason: RunReason) -> None:
        """Note why the run cannot say held; the same reason is noted once."""
        if reason in self.inconclusive:
            return
        self.inconclusive.append(reason)
        self.journal.write(Notice(level="warning", source=source, reason=reason))

    def doubt_lost_zones(self) -> None:
        """Note once of each zone that not all it measured is known; the others go on."""
        told = {zone for reason in self.inconclusive for zone in reason.zones}
        for lost in self.probe.lost():
            if lost.zone not in told:
                heard = round(lost.heard - self.journal.started, 1)
                self.doubt(
                    "probe",
                    RunReason(code="zone_lost", zones=[lost.zone], seconds=heard, detail=lost.why),
                )

    def record_judgement(
        self,
        phase: Phase,
        verdict: Verdict,
        judgements: list[Judgement],
        checks: Sequence[CheckJudgement] = (),
        zones: Mapping[str, list[Judgement]] | None = None,
    ) -> None:
        """Journal the verdict on a phase; a later judgement of the same phase replaces it."""
        self.verdicts[phase] = verdict
        self.zone_verdicts[phase] = {
            zone: worst_verdict(each.verdict for each in found)
            for zone, found in (zones or {}).items()
            if found
        }
        self.journal.write(
            PhaseJudged(
                phase=phase,
                verdict=verdict,
                judgements=judgements,
                checks=list(checks),
                zones=dict(zones or {}),
            )
        )

    def judge(
        self,
        phase: Phase,
        totals: Totals,
        outcomes: Outcomes | None = None,
        *,
        complete: bool,
        zones: Mapping[str, ZoneAccount] | None = None,
    ) -> Verdict:
        """Judge one phase against the steady state, together and each zone alone.

        `outcomes` are known only after the drain.
        """
        steady_state = self.plan.experiment.steady_state
        health = self.observations.health_of(phase)
        _, judgements = judge_phase(steady_state, totals, health, complete=complete)
        if outcomes:
            judgements += judge_outcomes(steady_state, phase, outcomes)
        checks = self.checks.judge(phase)
        of_zones = judge_zones(steady_state, phase, zones or {}, complete=complete)
        every = [*judgements, *chain.from_iterable(of_zones.values())]
        verdict = worst_verdict(
            [*(each.verdict for each in every), *(each.verdict for each in checks)]
        )
        self.record_judgement(phase, verdict, judgements, checks, of_zones)
        return verdict
