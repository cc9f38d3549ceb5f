"""What stands against a probe on a node; ssh is a program here that answers as it would."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.hosts.nodes.zone_probes import probe_commands, zone_problems
from chaos_runner.versions import versions


def fleet(directory: Path, ssh: str) -> Inventory:
    program = directory / "ssh"
    program.write_text(f"#!/bin/sh\n{ssh}\n")
    program.chmod(0o755)
    node = Host("node-a", "192.0.2.1", ssh_executable=str(program))
    hosts = {
        "k1": Host("k1", "192.0.2.9", execution_node="node-a", through=node),
        "node-a": Host("node-a", "192.0.2.1", unusable="it is the execution node of other hosts"),
        "node-b": Host("node-b", "192.0.2.2", ssh_executable=str(program)),
    }
    return Inventory(directory, hosts, {})


def test_the_same_version_is_no_problem(tmp_path: Path) -> None:
    inventory = fleet(tmp_path, f"echo {versions()['chaos-runner']}")
    assert zone_problems(["node-a", "node-b"], inventory, ["k1"]) == {}


@pytest.mark.parametrize(
    ("ssh", "text"),
    [
        ("echo 0.0.1", "chaos-runner 0.0.1 is installed there, and"),
        ("echo no such program >&2; exit 127", "no such program"),
    ],
)
def test_another_version_or_none_is_refused_with_what_to_install(
    tmp_path: Path, ssh: str, text: str
) -> None:
    found = zone_problems(["node-a"], fleet(tmp_path, ssh), [])
    (problem,) = found["node-a"]
    assert text in problem.text
    assert f"install chaos-runner {versions()['chaos-runner']} there" in problem.hint


def test_a_host_that_is_none_or_gets_a_fault_is_refused_unasked(tmp_path: Path) -> None:
    inventory = fleet(tmp_path, f"touch {tmp_path}/asked")
    found = zone_problems(["node-c", "k1", "node-b"], inventory, ["node-b"])
    assert "no host of this inventory" in found["node-c"][0].text
    assert "worked on through node-a" in found["k1"][0].text
    assert "gets a fault itself" in found["node-b"][0].text
    assert not (tmp_path / "asked").exists()


def test_a_probe_is_started_without_an_agent_and_over_a_connection_that_outlives_a_cut(
    tmp_path: Path,
) -> None:
    (command,) = probe_commands(["node-a"], fleet(tmp_path, "")).values()
    assert "-a" in command.words
    assert "-A" not in command.words
    assert "ServerAliveInterval=0" in command.words
    assert "StrictHostKeyChecking=yes" in " ".join(command.words)
    assert command.words[-1].endswith("exec chaos-runner-probe'")
