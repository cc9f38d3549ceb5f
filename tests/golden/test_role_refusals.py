"""A role that is used alone refuses a wrong value before a host is asked anything, by Ansible."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.faults.registry import fault_kinds
from tests.golden.cases import CASES

WRONG: dict[str, dict[str, list[object]]] = {
    "network_partition": {
        "peers": ["999.1.1.1", "10.0.0.0/33", "::ffff:10.0.0.1", "kafka-2", ""],
        "spared": ["10.0.0"],
        "ports": [99999, 0, -1],
    },
    "network_emulation": {"ports": ["9094-9092"], "peers": ["127.0.0.1"], "states": ["101%"]},
    "dns_failure": {"peers": ["::ffff:a00:1"], "spared": ["name.example"]},
}
SAID = {
    "network_partition": [
        "network_partition_peers: found "
        "['999.1.1.1', '10.0.0.0/33', '::ffff:10.0.0.1', 'kafka-2', '']; allowed is a list of IP",
        "network_partition_spared: found ['10.0.0']; allowed is a list of IP",
        "network_partition_ports: found ['99999', '0', '-1']; allowed is a list of ports",
        "See the README of network_partition",
    ],
    "network_emulation": [
        "network_emulation_ports: found ['9094-9092']; allowed is a list of ports",
        "network_emulation_peers: found ['127.0.0.1']; allowed is",
        "network_emulation_states: found ['101%']; allowed is a list of a percentage",
    ],
    "dns_failure": [
        "dns_failure_peers: found ['::ffff:a00:1']; allowed is",
        "dns_failure_spared: found ['name.example']; allowed is",
    ],
}
# The host is one that nobody could connect to, so nothing was asked of it.
REFUSED = """
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.include_role: {name: "{{ role }}"}
      rescue:
        - ansible.builtin.copy:
            content: "{{ ansible_failed_result.msg }}"
            dest: "{{ playbook_dir }}/{{ role }}.txt"
            mode: "644"
          delegate_to: localhost
          check_mode: false
"""


def test_each_wrong_value_is_named_in_check_mode(tmp_path: Path) -> None:
    (tmp_path / "playbook.yml").write_text(REFUSED, encoding="utf-8")
    for role, options in WRONG.items():
        given = {"role": role} | {f"{role}_{name}": value for name, value in options.items()}
        command = ["ansible-playbook", "--check", "-i", "nobody.invalid,", "-e", json.dumps(given)]
        said = subprocess.run(
            [*command, str(tmp_path / "playbook.yml")],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "ANSIBLE_ROLES_PATH": str(content_directory("roles"))},
        )
        assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-4000:]
        message = (tmp_path / f"{role}.txt").read_text(encoding="utf-8")
        assert [each for each in SAID[role] if each not in message] == [], message


def test_right_values_pass(tmp_path: Path) -> None:
    closed = {"ansible_host": "127.0.0.1", "ansible_port": 1}  # where nothing listens
    hosts = {
        kind: {**cases["default"], **closed, "role": fault_kinds()[kind].role_name()}
        for kind, cases in CASES.items()
    }
    included = {"ansible.builtin.include_role": {"name": "{{ role }}"}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [included]}
    (tmp_path / "playbook.yml").write_text(json.dumps([play]), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    said = subprocess.run(
        ["ansible-playbook", "--check", "-i", "hosts.yml", "playbook.yml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_ROLES_PATH": str(content_directory("roles"))},
    )
    assert "See the README" not in said.stdout + said.stderr
    assert len(re.findall(r"unreachable=1 +failed=0", said.stdout)) == len(hosts), said.stdout
