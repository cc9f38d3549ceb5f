"""The examples of the role's README, run as they stand with the host's own ansible-playbook."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from chaos_runner.content import content_directory
from tests.golden.examples import plays_in_readme
from tests.integration.sandbox.service.sandbox import SystemdHost

INVENTORY = {
    "kafka_broker": {
        "hosts": {"here": {"ansible_connection": "local", "ansible_become": False}},
    },
}


def play(
    host: SystemdHost, plays: list[dict[str, object]], *options: str, succeeds: bool = True
) -> str:
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    (host.path / "hosts.yml").write_text(yaml.safe_dump(INVENTORY), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    code, printed = host.in_session(
        [str(program), "-i", f"{host.path}/hosts.yml", f"{host.path}/play.yml", *options],
        ANSIBLE_ROLES_PATH=str(content_directory("roles")),
        ANSIBLE_NOCOLOR="1",
    )
    assert (code == 0) is succeeds, printed
    return printed


def test_put_on_and_take_back(host: SystemdHost) -> None:
    host.app("kafka.service")
    host.start("kafka.service")
    first, rollback = plays_in_readme("service_stop")
    assert "changed=" in play(host, [first])
    assert host.states("kafka.service") == ["inactive"]
    play(host, [first, rollback], "--check")
    assert host.states("kafka.service") == ["inactive"]
    play(host, [rollback])
    assert host.states("kafka.service") == ["active"]


def test_a_fault_of_another_kind_is_not_verified(host: SystemdHost) -> None:
    host.app("kafka.service")
    host.start("kafka.service")
    first, rollback = plays_in_readme("service_stop")
    named = {"host_guard_fault": "drill"}

    def verify(role: str) -> dict[str, object]:
        included = {"ansible.builtin.include_role": {"name": role, "tasks_from": "verify"}}
        return {"hosts": "all", "gather_facts": False, "vars": named, "tasks": [included]}

    play(host, [{**first, "vars": named}, verify("service_stop")])
    told = play(host, [verify("service_pause")], succeeds=False)
    assert "is called drill on this host is service_stop, and not service_pause" in told
    play(host, [{**rollback, "vars": named}])
