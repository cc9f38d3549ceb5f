"""A journal as large as runs write: a day of seconds on 500 hosts. Made data, nobody ran it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from chaos_runner.analysis.second_summarizer import SecondSummarizer
from chaos_runner.journal.events import (
    Event,
    FaultApplied,
    FaultEffect,
    FaultIntended,
    FaultProof,
    FaultReverted,
    HostVerified,
    LeaseRenewed,
    PhaseStarted,
    ProbeBucket,
    ProbeFinished,
    ProbeHealth,
    RunFinished,
    SecondsSummarized,
)
from chaos_runner.journal.journal import line_of
from chaos_runner.measurements.exposure import GROUPS, Exposure
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Bucket, Health, Histogram, Totals
from chaos_runner.measurements.totals import RunningTotals
from tests.unit.report.journal_writer import (
    BEFORE,
    FAULT,
    ROUND_TRIP,
    START,
    JournalWriter,
    latency_fault,
    proof_of,
)

SECONDS = 86_400
RECORDS = 33
"""Records of a group in a second: a hundred a second over three groups."""
PATTERNS = 97
"""Different seconds of each group; the same come again and again."""
FIRST = 20
"""The second in which the probe begins."""
SLOWER = {Exposure.LEADER: 25.0, Exposure.FOLLOWER: 6.0, Exposure.NONE: 1.0}
"""How much slower each group is while the fault is on."""


def write_large_journal(path: Path, hosts: int, seconds: int = SECONDS) -> None:
    """Write the journal of a run with a fault that is on for all but some minutes."""
    names = [f"host-{number:03}.made-data.example" for number in range(1, hosts + 1)]
    head = JournalWriter()
    head.start(
        [
            latency_fault(
                targets=names,
                commands={name: ["nft add table"] for name in names},
                duration=seconds,
            )
        ]
    )
    head.probe_started(1.0, exposure={"0": Exposure.FOLLOWER, "1": Exposure.LEADER, "2": ""})
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in head.lines)
        file.writelines(f"{line_of(event)}\n" for event in _events(names, seconds))


def _events(hosts: list[str], seconds: int) -> Iterator[Event]:
    phases = {"preflight": 2, "warm-up": FIRST, "before": 40, "inject": 120, "during": 130}
    phases |= {"roll-back": seconds - 170, "recovery": seconds - 160, "after": seconds - 100}
    starts = {second: phase for phase, second in phases.items()}
    phase = "preflight"
    sums: dict[tuple[str, Exposure], RunningTotals] = {}
    patterns = _patterns()
    summarizer = SecondSummarizer()
    for second in range(2, seconds):
        if second in starts:
            phase = starts[second]
            yield _at(PhaseStarted, second, phase=phase)
        yield from _of_hosts(hosts, second, phases)
        if second < FIRST:
            continue
        slow = 124 <= second < phases["roll-back"]
        for group in GROUPS:
            first, last = patterns[group, slow][second % PATTERNS]
            own = {"second": second - FIRST, "elapsed": float(second), "phase": phase}
            for bucket, later in ((first, 1.2), (last, 2.2)):
                told = bucket.model_copy(update=own)
                yield _at(ProbeBucket, second + later, bucket=told)
                if summarized := summarizer.take(told):
                    yield _at(SecondsSummarized, second + later, seconds=summarized)
            sums.setdefault((phase, group), RunningTotals()).replace(None, last)
        yield _at(ProbeHealth, second + 0.4, health=_health(second, slow=slow))
    totals = {slot: each.totals() for slot, each in sums.items()}
    groups = {
        group: {phase: each for (phase, of), each in totals.items() if of == group}
        for group in GROUPS
    }
    whole = {phase: _sum(totals, phase) for phase, _ in totals}
    yield _at(ProbeFinished, seconds + 2.0, complete=True, reason="", totals=whole, groups=groups)
    yield _at(RunFinished, seconds + 2.2, verdict="held", exit_code=0, reasons=[])


def _of_hosts(hosts: list[str], second: int, phases: dict[str, int]) -> Iterator[Event]:
    """Yield what hosts do in a second: a third of the lease of two minutes renews them all."""
    if second == 121:
        for host in hosts:
            own = {"fault": FAULT, "host": host}
            yield _at(FaultIntended, second, **own)
            yield _at(FaultApplied, second + 0.3, lease=125, fingerprint=BEFORE, **own)
            yield _at(FaultEffect, second + 0.5, seen=True, readings=(ROUND_TRIP,), **own)
    if second % 5 == 0 and phases["during"] <= second < phases["roll-back"]:
        part = second // 5 % 8
        yield _at(LeaseRenewed, second, hosts=hosts[part::8], lease=125)
    if second == phases["roll-back"] + 1:
        for host in hosts:
            held = second - 121.0
            how = {"fault": FAULT, "host": host, "channel": "ssh", "clean": True, "held": held}
            yield _at(FaultReverted, second, **how)
            proofs = [FaultProof.model_validate(proof_of(BEFORE))]
            yield _at(HostVerified, second + 1, host=host, state="clean", proofs=proofs)


def _at(kind: type[Event], elapsed: float, **fields: Any) -> Event:  # of any kind
    """Return an event, whose parts are right: they are not looked at once more."""
    at = START + timedelta(seconds=elapsed)
    event: Any = kind.model_fields["event"].default
    return kind.model_construct(None, at=at, elapsed=elapsed, event=event, **fields)


def _health(second: int, *, slow: bool) -> Health:
    return Health(
        elapsed=second + 0.4,
        brokers=500,
        broker_ids=list(range(1, 13)),
        under_replicated=12 if slow else 0,
        offline=0,
        not_preferred=0,
        leader_moves=9 if second == 140 else 0,
        leaders={str(partition): 1 + partition % 12 for partition in range(12)},
        tick_lag=0.4,
        sends=100,
    )


def _patterns() -> dict[tuple[Exposure, bool], list[tuple[Bucket, Bucket]]]:
    """Return for each group, fast and slow, seconds as they are told first and last."""
    return {
        (group, slow): [
            _second(group, 4.0 * (SLOWER[group] if slow else 1.0), number)
            for number in range(PATTERNS)
        ]
        for group in GROUPS
        for slow in (False, True)
    }


def _second(group: Exposure, typical: float, number: int) -> tuple[Bucket, Bucket]:
    latencies = [
        typical * (0.85 + (record * 37 + number * 11) % PATTERNS / 320) for record in range(RECORDS)
    ]
    ack = _histogram(latencies)
    read = RECORDS - 3
    first = Bucket(
        second=0,
        elapsed=0.0,
        phase="",
        group=group,
        scheduled=RECORDS,
        acked=RECORDS,
        consumed=read,
        not_yet_consumed=3,
        ack=ack,
        end_to_end=_histogram([each * 1.6 + 2 for each in latencies[:read]]),
        end_to_end_censored={bin_of(200.0): 3},
    )
    last = first.model_copy(
        update={
            "consumed": RECORDS,
            "not_yet_consumed": 0,
            "end_to_end": _histogram([each * 1.6 + 2 for each in latencies]),
            "end_to_end_censored": {},
        }
    )
    return first, last


def _histogram(latencies: list[float]) -> Histogram:
    histogram: Histogram = {}
    for each in latencies:
        place = bin_of(each)
        histogram[place] = histogram.get(place, 0) + 1
    return histogram


def _sum(totals: dict[tuple[str, Exposure], Totals], phase: str) -> Totals:
    from chaos_runner.measurements.totals import add_totals

    return add_totals(each for (of, _), each in totals.items() if of == phase)
