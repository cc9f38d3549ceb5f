"""The shipped unit on a host of the lab: hardened, it runs faults, and is stopped in the midst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.content import content_directory
from chaos_runner.lab.record import read_lab
from chaos_runner.schedule.monkey_events import (
    ANY_EVENT,
    Begun,
    Ended,
    MonkeyEvent,
    Started,
    Stopped,
)
from tests.integration.conftest import LAB_INVENTORY, LAB_NAME, chaos_runner
from tests.integration.lab.hosts.control_node import CONFIGURATION, ControlNode
from tests.waiting import wait_until

UNIT = content_directory("examples") / "systemd" / "chaos-runner-monkey.service"
SERVICE = UNIT.name
STATE = "/var/lib/chaos-runner-monkey"
JOURNAL = f"{STATE}/runs/monkey/schedule.jsonl"
SCHEDULE = """\
title: Each minute
owner: the lab
experiments:
  - {experiment: cut.yml, cron: "* * * * *"}
"""
EXPERIMENT = """\
title: A broker is cut off
steady_state: {loss: 0%}
phases: {before: 3s, after: 3s}
faults:
  - network_partition: {}
    targets: {hosts: kafka-2}
    duration: DURATION
"""
EXPOSURE = 20
"""Of 100: what systemd counts that a service may do."""
LIMIT = 600.0


@pytest.fixture
def node(clean_hosts: Path, tmp_path: Path) -> Iterator[ControlNode]:
    """Install chaos-runner and the unit on the last container of the lab."""
    record = read_lab(LAB_NAME)
    assert record is not None
    containers = [host.name for host in record.spec.hosts if host.backend == "container"]
    node = ControlNode(containers[-1], record)
    try:
        node.run(f"useradd --system --home-dir {STATE} chaos-runner")
        node.install(tmp_path)
        node.configure("chaos-runner")
        node.write(f"/etc/systemd/system/{SERVICE}", UNIT.read_bytes())
        node.run("systemctl daemon-reload")
        yield node
    finally:
        node.tried(f"systemctl stop {SERVICE}")
        node.run(f"rm -rf /etc/systemd/system/{SERVICE} {STATE} && systemctl daemon-reload")
        node.remove()
        node.run("userdel chaos-runner")


def written(node: ControlNode, duration: str) -> None:
    node.write(f"{CONFIGURATION}/schedule.yml", SCHEDULE)
    node.write(f"{CONFIGURATION}/cut.yml", EXPERIMENT.replace("DURATION", duration))


def events(node: ControlNode) -> list[MonkeyEvent]:
    lines = node.tried(f"cat {JOURNAL}").stdout.decode().splitlines()
    return [ANY_EVENT.validate_json(line) for line in lines]


def said(node: ControlNode) -> str:
    return node.run(f"journalctl --no-pager --unit {SERVICE}")


def with_faults(node: ControlNode) -> int:
    """Return how many runs have put a fault on."""
    command = f"grep --files-with-matches fault_applied {STATE}/runs/*/journal.jsonl"
    return len(node.tried(command).stdout.split())


@pytest.mark.whole
def test_the_unit_runs_faults_and_is_stopped_in_the_midst_of_one(node: ControlNode) -> None:
    node.run(f"systemd-analyze security --threshold={EXPOSURE} {SERVICE}")

    written(node, "5s")
    node.run(f"systemctl start {SERVICE}")
    wait_until(lambda: any(isinstance(each, Ended) for each in events(node)), "a run", LIMIT)
    [ended, *_] = [each for each in events(node) if isinstance(each, Ended)]
    assert (ended.verdict, ended.exit_code) == ("held", 0), said(node)
    node.run(f"systemctl stop {SERVICE}")

    written(node, "240s")
    known = with_faults(node)
    node.run(f"systemctl start {SERVICE}")
    wait_until(lambda: with_faults(node) > known, "a fault is on", LIMIT)
    node.run(f"systemctl stop {SERVICE}")
    assert node.run(f"systemctl show --property=Result --value {SERVICE}") == "success\n"
    told = events(node)
    assert [each.exit_code for each in told if isinstance(each, Ended)][-1] == 143
    begun = [(each.experiment, each.due) for each in told if isinstance(each, Begun)]
    assert len(begun) == len(set(begun))  # over two restarts, none came twice
    assert sum(isinstance(each, Started) for each in told) == 2
    assert isinstance(told[-1], Stopped)
    assert chaos_runner("audit", "-i", LAB_INVENTORY).code == 0
