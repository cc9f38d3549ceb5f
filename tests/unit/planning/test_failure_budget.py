"""Hosts of a fleet that are silent before a run begins: left out and reported, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.planning.fleet_facts import FleetFacts
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.planner import make_plan
from tests.unit.planning.test_planner import WHOLE, facts

NAMES = [f"kafka-{number}" for number in range(1, 51)]
INVENTORY = Inventory(
    Path("fleet"), {name: Host(name, "192.0.2.1") for name in NAMES}, {"kafka_broker": tuple(NAMES)}
)
ALL = "{group: kafka_broker, all: true}"


def planned(
    directory: Path,
    budget: str,
    silent: list[str],
    not_over_ssh: list[str] | None = None,
    targets: str = ALL,
) -> Plan:
    file = directory / "experiment.yml"
    file.write_text(
        f"title: A fleet\n{budget}\nfaults:\n  - network_partition: {{peers: [192.0.2.200]}}\n"
        f"    targets: {targets}\nallow: {{unknown_blast_radius: true, quorum: true}}\n"
    )
    answered: dict[str, PreflightFacts] = {
        name: facts(boot_id=name) for name in NAMES if name not in silent
    }
    by_ssh = {name: Problem("no SSH connection") for name in not_over_ssh or []}
    return make_plan(
        load_experiment(file),
        file,
        INVENTORY,
        RunIdentity("20261123-144500-kabc", "kabc"),
        FleetFacts(answered, dict.fromkeys(silent, "no route to host"), by_ssh),
        lambda pattern: (pattern,) if pattern in INVENTORY.hosts else INVENTORY.group(pattern),
        WHOLE,
    )


def test_so_few_silent_hosts_are_left_out_and_named(tmp_path: Path) -> None:
    plan = planned(tmp_path, "max_unreachable: 4%", ["kafka-7"], ["kafka-9"])
    assert plan.left_out == {"kafka-7": "no route to host", "kafka-9": "no SSH connection"}
    assert len(plan.targets) == 48
    assert not {"kafka-7", "kafka-9"} & set(plan.targets)
    assert not any("kafka-7" in host or "kafka-9" in host for host in plan.problems)


def test_more_of_them_refuse_the_run_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"3 of 50 hosts do not answer.*4%") as refused:
        planned(tmp_path, "max_unreachable: 4%", ["kafka-7", "kafka-8", "kafka-9"])
    assert "kafka-8: no route to host" in refused.value.message


def test_without_a_budget_a_silent_host_refuses_what_is_meant_for_all(tmp_path: Path) -> None:
    plan = planned(tmp_path, "", ["kafka-7"])
    assert plan.left_out == {}
    with pytest.raises(RefusedError, match=r"kafka-7: cannot be reached: no route to host"):
        plan.refuse_if_unsafe()


def test_hosts_that_are_excluded_may_be_silent(tmp_path: Path) -> None:
    targets = "{group: kafka_broker, all: true, exclude: [kafka-7]}"
    plan = planned(tmp_path, "max_unreachable: 0%", ["kafka-7"], targets=targets)
    assert plan.left_out == {}
    assert len(plan.targets) == 49
