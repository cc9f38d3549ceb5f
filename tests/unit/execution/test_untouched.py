"""A fault that no record of the probe can tell of makes the run inconclusive."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.execution.context import RunContext
from chaos_runner.execution.run_verdict import doubt_untouched
from chaos_runner.experiment.load import load_experiment
from chaos_runner.journal.events import Notice
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.wording.run_reasons import run_reason_words
from tests.unit.planning.test_planner import planned

FAULTS = [
    SimpleNamespace(fault="f1", chosen=["k1"], summary="drop between one target and the others"),
    SimpleNamespace(fault="f2", chosen=["k2", "k3"], summary="stop kafka"),
]


@pytest.mark.parametrize(
    ("steady_state", "doubted"),
    [
        ("{loss: 0%}", True),
        ("{loss: 0%, ack_p99: 1s, outage: 5s}", True),
        ("{loss: 0%, offline_partitions: 0}", False),
        ("{loss: 0%, checks: [{http: {url: 'http://app.example/'}}]}", False),
    ],
)
def test_it_is_doubted_where_records_alone_are_judged(
    tmp_path: Path, steady_state: str, doubted: bool
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        f"title: A test\nsteady_state: {steady_state}\nfaults:\n"
        "  - network_partition: {shape: isolate}\n    targets: {group: kafka_broker}\n",
        encoding="utf-8",
    )
    doubts: list[RunReason] = []
    notices: list[Notice] = []
    context = SimpleNamespace(
        plan=SimpleNamespace(faults=FAULTS, experiment=load_experiment(file)),
        journal=SimpleNamespace(write=notices.append),
        doubt=lambda source, reason: doubts.append(reason),
    )
    doubt_untouched(cast("RunContext", context), ["f1"])
    (told,) = [*doubts, *(notice.reason for notice in notices if notice.reason)]
    assert bool(doubts) is doubted
    assert run_reason_words(told).startswith(
        "the fault on k1 (drop between one target and the others) reaches no partition"
    )
    doubt_untouched(cast("RunContext", context), [])
    assert len(doubts) + len(notices) == 1


@pytest.mark.parametrize(("zones", "doubts"), [("[]", 1), ("[other]", 1), ("[node-a]", 0)])
def test_a_fault_towards_a_zone_of_the_probe_is_seen_from_there(
    tmp_path: Path, zones: str, doubts: int
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        f"title: A test\nsteady_state: {{loss: 0%}}\nprobe: {{zones: {zones}}}\nfaults:\n"
        "  - network_partition: {peers: [node-a]}\n    targets: {group: kafka_broker}\n",
        encoding="utf-8",
    )
    told: list[RunReason] = []
    hosts = {
        name: SimpleNamespace(address=name, addresses=(address,))
        for name, address in (("node-a", "192.0.2.7"), ("other", "192.0.2.8"))
    }
    fault = SimpleNamespace(
        fault="f1", chosen=["k1"], summary="drop", peers={"node-a": ["192.0.2.7"]}
    )
    context = SimpleNamespace(
        plan=SimpleNamespace(
            faults=[fault],
            experiment=load_experiment(file),
            inventory=SimpleNamespace(hosts=hosts),
        ),
        doubt=lambda source, reason: told.append(reason),
    )
    doubt_untouched(cast("RunContext", context), ["f1"])
    assert len(told) == doubts


def test_a_plan_says_what_each_fault_reaches(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        "  - network_partition: {shape: isolate}\n    targets: {group: kafka_broker}\n"
        "  - network_latency: {delay: 80ms, peers: [kafka-3]}\n    targets: {hosts: kafka-2}\n"
        "    start: 2m\n",
    )
    isolated, slowed = plan.reaches
    assert [isolated.fault, slowed.fault] == ["kabc_1", "kabc_2"]
    assert isolated.meant_for_brokers
    assert [machine[-1] for machine in isolated.hit] == ["kafka-1"]
    assert len(isolated.between) == 3
    assert [{one[-1], other[-1]} for one, other in slowed.between] == [{"kafka-2", "kafka-3"}]
