"""A run whose fault made an outage: a partitioned broker of four, seen group by group."""

from __future__ import annotations

from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultIntended,
    FaultReverted,
    HostVerified,
    PhaseJudged,
    RunFinished,
)
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.reading import Reading
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.limits import judgement_of
from chaos_runner.verdict.observed import Observed
from tests.unit.report.journal_writer import BEFORE, FAULT, JournalWriter, latency_fault, proof_of
from tests.unit.report.journals import FIRST_RECORD, PHASES

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE

EXPOSURE = {
    "0": REPLICATED,
    "1": REPLICATED,
    "2": CONTROL,
    "3": LED,
}
PLACEMENT = {"0": [1, 2, 4], "1": [2, 3, 4], "2": [3, 1, 2], "3": [4, 3, 1]}
BROKERS = {str(broker): f"198.18.0.1{broker}:9092" for broker in (1, 2, 3, 4)}
CLIENT = {
    "acks": "all",
    "enable.idempotence": "true",
    "socket.timeout.ms": "6000",
    "sasl.password": "[redacted]",
}
ON, OFF = 35.4, 68.4
DARK = range(36, 47)
"""Seconds of the run in which the partition led by the target acknowledges nothing."""


def outage(*, control: bool = True, finished: bool = True) -> JournalWriter:
    """Write a run in which L is dark for 11 s, F slow for a while, and N does not notice."""
    journal = JournalWriter()
    fault = latency_fault(kind="network_partition", summary="cut off from all peers", variables={})
    journal.start([fault], title="A cut-off broker costs its own partitions at most 15 s")
    for phase, elapsed in PHASES:
        journal.phase(phase, elapsed)
        if phase == "warm-up":
            _probe(journal, control=control)
    host = {"fault": FAULT, "host": "kafka-4"}
    journal.add(FaultIntended, 31.2, **host)
    journal.add(FaultApplied, ON, lease=15, fingerprint=BEFORE, **host)
    silent = Reading(name="host", state="silent", of="kafka-1")
    journal.add(FaultEffect, 35.6, seen=True, readings=[silent], **host)
    for elapsed in range(int(FIRST_RECORD), 91):
        _second(journal, elapsed, control=control)
        _health(journal, elapsed)
    journal.add(FaultReverted, OFF, channel="ansible", clean=True, **host)
    proof = {"proofs": [proof_of(BEFORE)]}
    journal.add(HostVerified, 69.5, host="kafka-4", state="clean", **proof)
    if finished:
        _finish(journal)
    return journal


def _probe(journal: JournalWriter, *, control: bool) -> None:
    changes: dict[str, object] = {"exposure": EXPOSURE, "placement": PLACEMENT, "brokers": BROKERS}
    if not control:
        changes = {
            "exposure": {"0": REPLICATED, "1": REPLICATED, "2": LED},
            "placement": {"0": [1, 2, 3], "1": [2, 3, 1], "2": [3, 1, 2]},
            "brokers": {broker: BROKERS[broker] for broker in ("1", "2", "3")},
        }
    journal.probe_started(6.0, client=CLIENT, profile="tuned", **changes)


def _second(journal: JournalWriter, elapsed: int, *, control: bool) -> None:
    second = elapsed - int(FIRST_RECORD)
    phase = [phase for phase, start in PHASES if start <= elapsed][-1]
    dark, slow = elapsed in DARK, 36 <= elapsed < 46
    # From the eighth dark second on, the newest of its records are acked by the new leader.
    unknown = 0 if not dark else 25 if elapsed < 44 else 20
    led = {"scheduled": 25, "indeterminate": unknown}
    waited = 9800.0 - 600 * (elapsed - 36) if dark else 0.0
    at = (second, phase, float(elapsed))
    journal.group_second(LED, *at, 2400.0 if dark else 5.0, led, waited)
    journal.group_second(REPLICATED, *at, 190.0 if slow else 4.0, {"scheduled": 50})
    if control:
        journal.group_second(CONTROL, *at, 4.2, {"scheduled": 25})


def _health(journal: JournalWriter, elapsed: int) -> None:
    led = {"0": 1, "1": 2, "2": 3, "3": 4}
    if elapsed < 45:
        journal.health(elapsed + 0.3, leaders=led)
        return
    gone = elapsed < 72
    leaders = {**led, "3": 3} if elapsed < 88 else led
    under, brokers = (9 if elapsed < 74 else 0), (3 if gone else 4)
    moved = {"brokers": brokers, "leaders": leaders, "not_preferred": 2 if elapsed < 88 else 0}
    journal.health(elapsed + 0.3, under, **moved)


def _finish(journal: JournalWriter) -> None:
    journal.probe_finished(
        93.0,
        anomalies={"reader_missed": 2},
        outages=[
            {"partition": 3, "group": LED, "start": 35.45, "end": 46.62},
            {"partition": 0, "group": REPLICATED, "start": 36.1, "end": 37.4},
        ],
    )
    times = [
        judgement_of("outage", 15, Observed(Observation(value=11.2, unit="seconds"), "held")),
        judgement_of("recovery", 30, Observed(Observation(value=0, unit="seconds"), "held")),
    ]
    loss = judgement_of("loss", 0, Observed(Observation(value=0, unit="percent"), "held"))
    for phase, own in (("before", []), ("during", times[:1]), ("after", times[1:])):
        journal.add(PhaseJudged, 93.1, phase=phase, verdict="held", judgements=[loss, *own])
    journal.phase("verdict", 93.1)
    journal.add(RunFinished, 93.2, verdict="held", exit_code=0)
