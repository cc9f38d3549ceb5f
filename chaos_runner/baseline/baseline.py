"""Set what is normal beside what an experiment tolerates, and say what should be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaos_runner.baseline.head_room import tolerated
from chaos_runner.baseline.measured import Measured
from chaos_runner.experiment.models import Experiment
from chaos_runner.experiment.steady_state import SteadyState, Tolerances
from chaos_runner.units import format_duration, format_percentage
from chaos_runner.verdict.registry import latencies
from chaos_runner.verdict.tolerances import judge_phase

WRITTEN = ("duplicates", "availability", "ack_p99", "end_to_end_p99")
"""The tolerances that a baseline adds. A median hides outages, a maximum is one record's luck, and
whether replicas may lag is for people to say: those are written by hand."""

Status = Literal["new", "kept", "replaced", "shown"]
"""Whether a tolerance is written, or what the file says stays, or it is shown and no more."""


@dataclass(frozen=True)
class Proposal:
    """One tolerance: what is normal, what follows from it, what the experiment says."""

    tolerance: str
    normal: str
    proposed: str
    """With head-room; empty where nothing follows from what was measured."""
    experiment: str
    """What the experiment says; empty where it says nothing."""
    status: Status
    exceeded: bool = False
    """Whether what is normal does not hold what the experiment says."""


MEASURED = frozenset(
    {*latencies(), "loss", "duplicates", "availability", "under_replicated_partitions"}
)
"""The tolerances of which something was measured; the others are for the user to say."""


def propose(
    experiment: Experiment, measured: Measured, head_room: float, *, replace: bool
) -> list[Proposal]:
    """Return a row for every tolerance that can be measured, in the order of the steady state.

    What the experiment says itself is kept, be it tighter or looser, unless `replace`.
    """
    said = _said(experiment.steady_state)
    exceeded = _exceeded(experiment.steady_state, measured)
    return [
        _proposal(name, measured, head_room, said.get(name, ""), name in exceeded, replace=replace)
        for name in Tolerances.model_fields
        if name in MEASURED
    ]


def to_write(proposals: list[Proposal]) -> dict[str, str]:
    """Return the tolerances that a baseline writes, as written in YAML."""
    return {
        each.tolerance: each.proposed for each in proposals if each.status in ("new", "replaced")
    }


def _said(steady_state: SteadyState) -> dict[str, str]:
    """Return what the user wrote; the default of `loss` is nobody's writing."""
    dumped = steady_state.model_dump(mode="json", exclude_unset=True)
    return {name: str(value) for name, value in dumped.items()}


def _exceeded(steady_state: SteadyState, measured: Measured) -> set[str]:
    """Return the tolerances that do not hold while nothing is wrong."""
    _, judgements = judge_phase(steady_state, measured.totals, measured.health, complete=True)
    return {each.tolerance for each in judgements if each.verdict == "deviated"}


def _proposal(
    name: str, measured: Measured, head_room: float, said: str, exceeded: bool, *, replace: bool
) -> Proposal:
    proposed = tolerated(name, measured, head_room) or ""
    status: Status = "shown"
    if said and (not replace or proposed in ("", said)):
        status = "kept"
    elif said:
        status = "replaced"
    elif proposed and name in WRITTEN:
        status = "new"
    return Proposal(name, normal_text(name, measured), proposed, said, status, exceeded)


def normal_text(name: str, measured: Measured) -> str:
    """Return what was measured for one tolerance, in its own unit."""
    if name in latencies():
        milliseconds = measured.latencies[name]
        return "never" if milliseconds is None else _three_digits(milliseconds)
    if name == "under_replicated_partitions":
        return "unknown" if measured.under_replicated is None else str(measured.under_replicated)
    return format_percentage(round(getattr(measured, name), 3))


def _three_digits(milliseconds: float) -> str:
    return format_duration(float(f"{milliseconds / 1000:.3g}"))
