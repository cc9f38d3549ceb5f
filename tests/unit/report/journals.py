"""Journals of runs that ended in different ways, as realistic as they can be made by hand."""

from __future__ import annotations

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultIntended,
    FaultReverted,
    HostChecked,
    HostVerified,
    LeaseRenewed,
    Notice,
    PhaseJudged,
    RunFinished,
    SafeguardTripped,
)
from chaos_runner.measurements.reading import said
from chaos_runner.measurements.reason import Reason
from chaos_runner.units import parse_duration
from chaos_runner.verdict.judgement import Observation, Verdict
from chaos_runner.verdict.limits import judgement_of, limit_of
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import Condition
from tests.unit.report.journal_writer import (
    AFTER_DIRTY,
    BEFORE,
    FAULT,
    ROUND_TRIP,
    JournalWriter,
    latency_fault,
    proof_of,
)

HOSTILE = '<script>alert("x")</script>|`*_[a](b)\n# & \u202e'
PHASES = [
    ("preflight", 0.0),
    ("warm-up", 6.0),
    ("before", 16.0),
    ("inject", 31.0),
    ("during", 36.0),
    ("roll-back", 66.0),
    ("verify", 69.0),
    ("recovery", 70.0),
    ("after", 76.0),
    ("drain", 91.0),
]
"""When each phase begins, in seconds since the run started."""
FIRST_RECORD = 7.0


def held() -> JournalWriter:
    """Write a run in which nothing went wrong: 8,400 records from second 7 to 91."""
    journal = _begin()
    _seconds(journal, until=91)
    _fault(journal)
    _revert(journal)
    _verified(journal)
    _judged(journal, "before", "held")
    _judged(journal, "during", "held", ack="213ms")
    _judged(journal, "after", "held")
    _finish(journal, "held", 0)
    return journal


def deviated() -> JournalWriter:
    """Write a run with 5 records lost, 40 unknown, 7 rejected and a safeguard that tripped."""
    journal = _begin()
    _seconds(
        journal,
        until=91,
        odd={
            50: {"lost": 5},
            51: {"indeterminate": 40},
            52: {"rejected": 7},
            53: {"duplicates": 2},
        },
    )
    _fault(journal)
    watched = Condition(tolerance="availability", limit=limit_of("availability", 90), hold=5)
    seen = Observation(value=71.2, unit="percent")
    journal.add(SafeguardTripped, 65.0, safeguard=watched, observed=seen, since=60.0)
    _revert(journal)
    _verified(journal)
    _judged(journal, "before", "held")
    _judged(journal, "during", "deviated", ack="640ms")
    _judged(journal, "after", "held")
    _finish(
        journal,
        "deviated",
        1,
        reasons=[RunReason(code="phase_judged", phase="during", verdict="deviated")],
    )
    return journal


def inconclusive() -> JournalWriter:
    """Write a run whose probe saw nothing for 10 s and could not drain."""
    journal = _begin()
    _seconds(journal, until=91, missing=range(40, 50))
    _fault(journal)
    _revert(journal, channel="ssh")
    _verified(journal)
    journal.add(Notice, 55.0, level="warning", source="probe", message="no metadata for 10 s")
    _judged(journal, "during", "inconclusive", reason="the reader did not reach the end")
    _finish(
        journal,
        "inconclusive",
        3,
        complete=False,
        reasons=[RunReason(code="ledger_incomplete", detail="limit reached")],
    )
    return journal


def killed() -> JournalWriter:
    """Write a run whose controller got SIGKILL 13 s into the fault, in the middle of a line."""
    journal = _begin(until_phase="during")
    _seconds(journal, until=49)
    _fault(journal, until=49)
    return journal


def dirty() -> JournalWriter:
    """Write a run that held on Kafka's side and left a qdisc on the host."""
    journal = _begin()
    _seconds(journal, until=91)
    _fault(journal)
    left = ["- qdisc fq_codel 0: root", "+ qdisc prio c4a0: root"]
    _revert(journal, clean=False, differences=left)
    _verified(
        journal,
        state="dirty",
        proofs=[proof_of(AFTER_DIRTY)],
        differences=left,
        message="residue",
    )
    _judged(journal, "during", "held")
    _finish(journal, "held", 10)
    return journal


def hostile() -> JournalWriter:
    """Write a run in which every text that comes from outside tries to be markup."""
    journal = JournalWriter()
    fault = latency_fault(
        summary=HOSTILE, targets=[HOSTILE], control=[HOSTILE + "2"], commands={HOSTILE: [HOSTILE]}
    )
    journal.start(
        [fault],
        title=HOSTILE,
        description=HOSTILE,
        owner=HOSTILE,
        tags=[HOSTILE],
        experiment={HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
        inventory=HOSTILE,
    )
    journal.phase("preflight", 0.1)
    journal.add(HostChecked, 1.0, host=HOSTILE, facts=PreflightFacts(), problems=[HOSTILE])
    journal.add(FaultIntended, 2.0, fault=FAULT, host=HOSTILE)
    journal.add(FaultApplied, 3.0, fault=FAULT, host=HOSTILE, lease=15, fingerprint=HOSTILE)
    journal.add(FaultEffect, 3.1, fault=FAULT, host=HOSTILE, seen=False, readings=[said(HOSTILE)])
    journal.add(Notice, 3.2, level="error", source=HOSTILE, message=HOSTILE)
    proof = {"proofs": [proof_of(BEFORE, before=HOSTILE)], "differences": [HOSTILE]}
    journal.add(HostVerified, 4.0, host=HOSTILE, state="dirty", message=HOSTILE, **proof)
    _judged(journal, "during", "deviated", reason=HOSTILE, tolerance=HOSTILE)
    _finish(journal, "deviated", 10, reasons=[RunReason(code="run_failed", detail=HOSTILE)])
    return journal


def _begin(until_phase: str = "drain") -> JournalWriter:
    journal = JournalWriter()
    journal.start([latency_fault()])
    for phase, elapsed in PHASES:
        journal.phase(phase, elapsed)
        if phase == "warm-up":
            journal.probe_started(elapsed)
        if phase == until_phase:
            break
    return journal


def _phase_at(elapsed: float) -> str:
    return [phase for phase, start in PHASES if start <= elapsed][-1]


def _seconds(
    journal: JournalWriter,
    until: int,
    odd: dict[int, dict[str, int]] | None = None,
    missing: range = range(0),
) -> None:
    for elapsed in range(int(FIRST_RECORD), until):
        if elapsed in missing:
            continue
        slow = 36 <= elapsed < 67
        journal.health(elapsed + 0.4, 12 if 40 <= elapsed < 70 else 0)
        journal.second(
            elapsed - int(FIRST_RECORD),
            _phase_at(elapsed),
            float(elapsed),
            ack=102.0 if slow else 4.0,
            **(odd or {}).get(elapsed, {}),
        )


def _fault(journal: JournalWriter, until: int = 66) -> None:
    host = {"host": "kafka-4"}
    journal.add(FaultIntended, 31.2, fault=FAULT, **host)
    journal.add(FaultApplied, 35.4, fault=FAULT, lease=15, fingerprint=BEFORE, **host)
    journal.add(FaultEffect, 35.5, fault=FAULT, seen=True, readings=[ROUND_TRIP], **host)
    for elapsed in range(40, until, 5):
        journal.add(LeaseRenewed, float(elapsed), lease=15, hosts=[host["host"]])


def _revert(journal: JournalWriter, **changes: object) -> None:
    fields = {"fault": FAULT, "host": "kafka-4", "channel": "ansible", "clean": True, **changes}
    journal.add(FaultReverted, 68.4, **fields)


def _verified(journal: JournalWriter, **changes: object) -> None:
    proof = {"proofs": [proof_of(BEFORE)]}
    fields = {"host": "kafka-4", "state": "clean", **proof, **changes}
    journal.add(HostVerified, 69.5, **fields)


def _judged(
    journal: JournalWriter,
    phase: str,
    verdict: Verdict,
    ack: str = "9.1ms",
    reason: str = "",
    tolerance: str = "ack_p99",
) -> None:
    loss = judgement_of("loss", 0.0, Observed(Observation(value=0.0, unit="percent"), "held"))
    observed = Observation(value=parse_duration(ack), unit="seconds")
    why = Reason(code="topics_hidden", detail=reason) if reason else None
    judged = judgement_of(tolerance, 0.5, Observed(observed, verdict, why))
    ends = {"before": 31.0, "during": 76.0, "after": 91.0}
    journal.add(
        PhaseJudged,
        ends[phase],
        phase=phase,
        verdict=verdict,
        judgements=[loss, judged],
    )


def _finish(
    journal: JournalWriter,
    verdict: str,
    exit_code: int,
    *,
    complete: bool = True,
    reasons: list[RunReason] | None = None,
) -> None:
    if journal.buckets:
        reason = "" if complete else "the reader stood still for 60 s"
        journal.probe_finished(93.0, complete=complete, reason=reason)
    journal.phase("verdict", 93.1)
    journal.add(RunFinished, 93.2, verdict=verdict, exit_code=exit_code, reasons=reasons or [])
