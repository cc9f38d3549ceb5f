"""What is known of a run before it begins: its phases, its hosts, its safeguards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from chaos_runner.experiment.settings import Phases
from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.journal.events import PlannedFault, RunStarted
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.measurements.run_kind import RunKind
from chaos_runner.planning.plan import Plan

_SAFEGUARDS = TypeAdapter(list[Safeguard])


@dataclass(frozen=True)
class RunOutline:
    """What a run is going to do, as far as it is shown while it does it."""

    run: str
    title: str
    phases: Phases
    faults: tuple[PlannedFault, ...]
    touched: tuple[str, ...]
    """What gets a fault: hosts, and the cluster where a fault is of the cluster."""
    safeguards: tuple[Safeguard, ...] = ()
    kind: RunKind = "run"

    @property
    def lengths(self) -> dict[str, float]:
        """Return the seconds of the phases whose length is known."""
        return {
            "before": self.phases.before,
            "during": max((fault.end for fault in self.faults), default=0.0),
            "after": self.phases.after,
        }

    @property
    def limits(self) -> dict[str, float]:
        """Return the seconds that the other phases may take."""
        return {
            "warm-up": self.phases.warm_up,
            "recovery": self.phases.recovery,
            "drain": self.phases.drain,
        }


def outline_of_plan(plan: Plan) -> RunOutline:
    """Return the outline of a run that is about to begin."""
    return RunOutline(
        run=plan.identity.run,
        title=plan.experiment.title,
        phases=plan.experiment.phases,
        faults=plan.faults,
        touched=plan.touched,
        safeguards=tuple(plan.experiment.safeguards),
        kind=plan.kind,
    )


def outline_of_start(started: RunStarted) -> RunOutline:
    """Return the outline of a run by the first line of its journal.

    What cannot be read of the experiment there is left out: it may be of another version.
    """
    of_cluster = any(fault.change for fault in started.faults)
    targets = dict.fromkeys(host for fault in started.faults for host in fault.targets)
    return RunOutline(
        run=started.run,
        title=started.title,
        phases=_phases(started.experiment),
        faults=tuple(started.faults),
        touched=(*targets, CLUSTER) if of_cluster and CLUSTER not in targets else tuple(targets),
        safeguards=_safeguards(started.experiment),
        kind=started.kind,
    )


def _phases(experiment: Mapping[str, object]) -> Phases:
    try:
        return Phases.model_validate(experiment.get("phases", {}))
    except ValidationError:
        return Phases()


def _safeguards(experiment: Mapping[str, object]) -> tuple[Safeguard, ...]:
    try:
        return tuple(_SAFEGUARDS.validate_python(experiment.get("safeguards", [])))
    except ValidationError:
        return ()
