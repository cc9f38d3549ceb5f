"""What must not happen does not: wrong files, lost hosts, missing netem. No host is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.test_three_faults import experiment_file


def written_runs(directory: Path) -> list[Path]:
    return list(directory.glob("*/journal.jsonl"))


def test_a_wrong_experiment_names_file_line_and_key(tmp_path: Path, lab: Path) -> None:
    file = experiment_file(tmp_path, "network_latency: {dealy: 100ms}")
    done = chaos_runner("run", file, "-i", lab, "--runs", tmp_path)
    assert done.code == 2
    assert f"{file}:5" in done.stderr
    assert "dealy" in done.stderr
    assert "did you mean `delay`" in done.stderr
    assert written_runs(tmp_path) == []


def test_an_inventory_that_is_not_there(tmp_path: Path, lab: Path) -> None:
    file = experiment_file(tmp_path, "network_partition: {}")
    done = chaos_runner("run", file, "-i", tmp_path / "nowhere.yml", "--runs", tmp_path)
    assert done.code == 2
    assert "nowhere.yml" in done.stderr


def changed_inventory(lab: Path, directory: Path, host: str, **variables: object) -> Path:
    """Write the lab's inventory anew with other variables for one host."""
    listing = yaml.safe_load(chaos_runner("lab", "inventory").stdout)
    listing["_meta"]["hostvars"][host].update(variables)
    hosts = listing["_meta"]["hostvars"]
    file = directory / "hosts.yml"
    groups = {
        name: {"hosts": dict.fromkeys(group["hosts"])}
        for name, group in listing.items()
        if name not in ("_meta", "all") and group.get("hosts")
    }
    namespace = next(iter(hosts.values())).get("chaos_network_namespace") or listing["all"].get(
        "vars", {}
    ).get("chaos_network_namespace")
    content = {
        "all": {
            "hosts": hosts,
            "children": groups,
            "vars": {"chaos_network_namespace": namespace},
        }
    }
    file.write_text(yaml.safe_dump(content))
    return file


def all_brokers_cut_off(directory: Path) -> Path:
    file = directory / "experiment.yml"
    file.write_text(
        "title: All at once\nfaults:\n  - network_partition: {}\n"
        "    targets: {group: kafka_broker, all: true}\n    duration: 5s\n"
    )
    return file


def test_an_unreachable_target_is_refused_by_name(tmp_path: Path, lab: Path) -> None:
    inventory = changed_inventory(lab, tmp_path, "kafka-2", ansible_host="198.18.0.222")
    file = all_brokers_cut_off(tmp_path)
    done = chaos_runner("run", file, "-i", inventory, "--runs", tmp_path / "runs")
    assert done.code == 4, done.stdout + done.stderr
    assert "kafka-2" in done.stderr
    assert written_runs(tmp_path / "runs") == []


def hosts_without_netem(lab: Path) -> list[str]:
    findings = chaos_runner("doctor", "-i", lab, "-o", "json").json["findings"]
    assert isinstance(findings, list)
    return [finding["where"] for finding in findings if "no sch_netem" in finding["text"]]


def test_latency_is_refused_just_where_netem_lacks_with_the_way_to_mend_it(
    tmp_path: Path, lab: Path
) -> None:
    lacking = hosts_without_netem(lab)
    file = tmp_path / "experiment.yml"
    file.write_text(
        "title: No netem here\nfaults:\n  - network_latency: {delay: 100ms}\n"
        f"    targets: {{hosts: {[*lacking, 'kafka-1'][0]}}}\n    duration: 5s\n"
    )
    if not lacking:  # every host of this lab has netem
        planned = chaos_runner("plan", file, "-i", lab)
        assert planned.code == 0, planned.stdout + planned.stderr
        return
    done = chaos_runner("run", file, "-i", lab, "--runs", tmp_path / "runs")
    assert done.code == 4, done.stdout + done.stderr
    assert "sch_netem" in done.stderr
    assert "kernel-modules-extra" in done.stderr
    assert written_runs(tmp_path / "runs") == []


def test_hosts_that_are_not_a_labs_need_a_confirmation(tmp_path: Path, lab: Path) -> None:
    inventory = changed_inventory(lab, tmp_path, "kafka-1")
    content = yaml.safe_load(inventory.read_text())
    del content["all"]["vars"]
    for variables in content["all"]["hosts"].values():
        variables.pop("chaos_network_namespace", None)
    inventory.write_text(yaml.safe_dump(content))
    file = experiment_file(tmp_path, "network_partition: {}")
    done = chaos_runner(
        "lab", "exec", "--", *("chaos-runner", "run", file, "-i", inventory, "--runs", tmp_path)
    )
    assert done.code == 4, done.stdout + done.stderr
    assert "--yes" in done.stderr


@pytest.mark.whole  # tests/unit/fleet_blast/test_blast_radius.py judges quorums of every size
def test_a_majority_of_the_controllers_is_refused(tmp_path: Path, lab: Path) -> None:
    file = all_brokers_cut_off(tmp_path)
    done = chaos_runner("run", file, "-i", lab, "--runs", tmp_path / "runs")
    assert done.code == 4, done.stdout + done.stderr
    assert "the quorum of the controllers breaks" in done.stderr
    assert "allow: {quorum: true}" in done.stderr
    assert written_runs(tmp_path / "runs") == []
    plan = chaos_runner("plan", file, "-i", lab, "-o", "json")
    assert plan.code == 4
    assert '"state": "breaks"' in plan.stdout
