"""Judge each zone that a probe measures from by itself, beside the whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chaos_runner.measurements.model import Health, Totals
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.verdict.limits import Limits, OutcomeLimits, judgement_of, observe
from chaos_runner.verdict.outcomes import judge_outcomes
from chaos_runner.verdict.registry import tolerances
from chaos_runner.verdict.run_outcomes import Outcomes
from chaos_runner.verdict.short_of_cpu import in_doubt, short_of_cpu
from chaos_runner.verdict.tolerance import RecordTolerance


class SteadyLimits(Limits, OutcomeLimits, Protocol):
    """What says which limits are set, of a while and of a whole run."""


@dataclass(frozen=True)
class ZoneAccount:
    """What one zone measured in a phase; `outcomes` are known only after the drain."""

    totals: Totals
    health: Sequence[Health]
    """What its own probe was answered: it says whether that was short of CPU."""
    outcomes: Outcomes | None = None


def judge_zones(
    steady_state: SteadyLimits, phase: str, zones: Mapping[str, ZoneAccount], *, complete: bool
) -> dict[str, list[Judgement]]:
    """Return per zone a judgement for each tolerance that is set and judges records, or times.

    What the cluster is like is not of a zone, and judged once.
    """
    kinds = tolerances()
    limits = {
        name: limit
        for name, limit in steady_state.limits().items()
        if issubclass(kinds[name], RecordTolerance)
    }
    found: dict[str, list[Judgement]] = {}
    for zone, account in zones.items():
        short = short_of_cpu(account.health)
        found[zone] = []
        for name, limit in limits.items():
            seen = observe(name, limit, account.totals, [], complete=complete)
            found[zone].append(judgement_of(name, limit, in_doubt(name, seen, short)))
        if account.outcomes:
            found[zone] += judge_outcomes(steady_state, phase, account.outcomes)
    return found
