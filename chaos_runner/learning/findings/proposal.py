"""What a run suggests as a finding: its evidence, a title and an urgency. Pure."""

from __future__ import annotations

from chaos_runner.learning.findings.model import URGENCIES, Evidence, Urgency
from chaos_runner.learning.history.facts import JudgedTolerance, RunFacts

_WORST: dict[str, tuple[str, Urgency]] = {
    "loss": ("Acknowledged records are lost", "critical"),
    "offline_partitions": ("Partitions are without a leader", "high"),
    "under_min_isr_partitions": ("Partitions refuse writes of acks=all", "high"),
    "availability": ("Records are not acknowledged", "high"),
    "control_availability": ("Partitions that the fault spares suffer, too", "high"),
    "outage": ("A partition acknowledges nothing for too long", "high"),
    "recovery": ("Clients take too long to be back to normal", "high"),
    "controller": ("The active KRaft controller does not answer", "high"),
    "group_status": ("A consumer group stands still", "high"),
    "group_lag": ("A consumer group falls behind", "medium"),
    "duplicates": ("Records are consumed more than once", "medium"),
    "brokers": ("Brokers are missing", "medium"),
    "under_replicated_partitions": ("Partitions lack replicas in sync", "medium"),
}
"""What a deviation from each tolerance says in plain words, and how urgent it is by default."""
_SLOW: tuple[str, Urgency] = ("Records are slow", "medium")
_WHOLE: tuple[str, Urgency] = ("The steady state does not hold", "medium")


def evidence_of(run: RunFacts) -> list[Evidence]:
    """Return what deviated in a run; the run alone where no tolerance says it."""
    found = [
        Evidence(
            run=run.run,
            tolerance=each.tolerance,
            phase=each.phase,
            limit=each.limit,
            observed=each.observed,
        )
        for each in run.details.deviated
    ]
    return found or [Evidence(run=run.run)]


def title_of(run: RunFacts) -> str:
    """Return a title for what deviated most gravely, and under which fault."""
    words, _ = _gravest(run)
    faults = " and ".join(
        dict.fromkeys(fault.kind.replace("_", " ") for fault in run.details.faults)
    )
    title = f"{words} under {faults}" if faults else words
    return "".join(each for each in title if each.isprintable())[:300]


def urgency_of(run: RunFacts) -> Urgency:
    """Return how urgent what deviated is by default."""
    return _gravest(run)[1]


def _gravest(run: RunFacts) -> tuple[str, Urgency]:
    found = [_meaning(each) for each in run.details.deviated] or [_WHOLE]
    return min(found, key=lambda each: URGENCIES.index(each[1]))


def _meaning(judged: JudgedTolerance) -> tuple[str, Urgency]:
    return _WORST.get(judged.tolerance, _SLOW)
