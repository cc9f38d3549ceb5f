"""A long run on a large fleet, made by hand: nobody ran it, and its title says so."""

from __future__ import annotations

from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultIntended,
    FaultReverted,
    HostVerified,
    LeaseRenewed,
    Notice,
    PhaseJudged,
    RunFinished,
)
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.limits import judgement_of
from chaos_runner.verdict.observed import Observed
from tests.unit.report.journal_writer import (
    BEFORE,
    FAULT,
    ROUND_TRIP,
    JournalWriter,
    latency_fault,
    proof_of,
)
from tests.unit.report.outages import CLIENT

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE

TITLE = "Made data, no run: an hour of latency on 200 hosts"
_EXPOSURE = {"0": REPLICATED, "1": CONTROL, "2": LED}
_FACTORS: dict[Exposure, float] = {
    LED: 25.0,
    REPLICATED: 6.0,
    CONTROL: 1.0,
}
"""How much slower each group is while the fault is on."""


def long_run(hosts: int = 200, seconds: int = 3600) -> JournalWriter:
    """Write a run whose fault is on for all but five minutes, with one second at its worst."""
    journal = JournalWriter()
    targets = [f"kafka-{number:03}.made-data.example" for number in range(1, hosts + 1)]
    commands = {
        host: [f"nft add table inet chaos_{FAULT}", "tc qdisc add dev eth0 root handle c4a0: prio"]
        for host in targets
    }
    safes = [FailSafe(name=name, fires="after 15 s") for name in ("kernel expiry", "cap timer")]
    fault = latency_fault(
        targets=targets,
        control=[f"control-{number}" for number in range(20)],
        commands=commands,
        duration=seconds - 300,
        fail_safes=dict.fromkeys(targets, safes),
    )
    journal.start([fault], title=TITLE)
    phases = {"preflight": 0, "warm-up": 20, "before": 40, "inject": 120, "during": 130}
    phases |= {"roll-back": seconds - 170, "recovery": seconds - 160, "after": seconds - 100}
    phases |= {"drain": seconds}
    for phase, elapsed in phases.items():
        journal.phase(phase, float(elapsed))
        if phase == "warm-up":
            journal.probe_started(20.0, exposure=_EXPOSURE, client=CLIENT)
    for host in targets:
        own = {"fault": FAULT, "host": host}
        journal.add(FaultIntended, 121.0, **own)
        journal.add(FaultApplied, 124.0, lease=15, fingerprint=BEFORE, **own)
        journal.add(FaultEffect, 125.0, seen=True, readings=[ROUND_TRIP], **own)
    for renewal in range(130, seconds - 170, 300):
        journal.add(LeaseRenewed, float(renewal), lease=15, hosts=targets)
    for elapsed in range(20, seconds):
        _second(journal, elapsed, phases)
    for host in targets:
        journal.add(
            FaultReverted,
            seconds - 168.0,
            fault=FAULT,
            host=host,
            channel="ansible",
            clean=True,
            held=seconds - 300.0,
        )
        proof = {"proofs": [proof_of(BEFORE)]}
        journal.add(HostVerified, seconds - 161.0, host=host, state="clean", **proof)
    _finish(journal, seconds)
    return journal


def _second(journal: JournalWriter, elapsed: int, phases: dict[str, int]) -> None:
    phase = [name for name, start in phases.items() if start <= elapsed][-1]
    slow = 124 <= elapsed < phases["roll-back"]
    worst = elapsed == 1800
    for group, factor in _FACTORS.items():
        counts = {"scheduled": 33}
        if worst and group == LED:
            counts["indeterminate"] = 20
        journal.group_second(
            group, elapsed - 20, phase, float(elapsed), 4.0 * (factor if slow else 1), counts
        )
    journal.health(
        elapsed + 0.4,
        12 if slow else 0,
        leader_moves=9 if elapsed in (140, 1805) else 0,
        brokers=220,
    )
    if elapsed % 90 == 0:
        journal.add(
            Notice,
            elapsed + 0.5,
            level="warning",
            source="probe",
            message=f"made notice {elapsed // 90}",
        )


def _finish(journal: JournalWriter, seconds: int) -> None:
    for phase, end, value in (("before", 120, 0.009), ("during", seconds - 100, 0.31)):
        seen = Observed(Observation(value=value, unit="seconds"), "held")
        judged = judgement_of("ack_p99", 0.5, seen)
        journal.add(PhaseJudged, float(end), phase=phase, verdict="held", judgements=[judged])
    journal.probe_finished(seconds + 2.0, complete=True)
    journal.phase("verdict", seconds + 2.1)
    journal.add(RunFinished, seconds + 2.2, verdict="held", exit_code=0, reasons=[])
