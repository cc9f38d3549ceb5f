"""The roles by their full names, out of the installed Ansible collection, on a real systemd."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from chaos_runner.faults.pages.example_playbooks import COLLECTION
from tests.collection import installed_collection
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.service.sandbox import SystemdHost

INVENTORY = "web: {hosts: {here: {ansible_connection: local, ansible_become: false}}}\n"
ROLE = f"{COLLECTION}.service_stop"


def play(host: SystemdHost, collections: Path, *arguments: str, ends_with: int = 0) -> str:
    (host.path / "hosts.yml").write_text(INVENTORY, encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    code, printed = host.in_session(
        [program, "-i", f"{host.path}/hosts.yml", *arguments],
        ANSIBLE_COLLECTIONS_PATH=str(collections),
        ANSIBLE_ROLES_PATH="/nowhere",
        ANSIBLE_NOCOLOR="1",
    )
    assert code == ends_with, printed
    return printed


def test_a_role_by_its_full_name_and_the_example_playbook(
    host: SystemdHost, tmp_path: Path
) -> None:
    collections = installed_collection(tmp_path)
    host.app("kafka.service")
    host.start("kafka.service")
    tasks = [
        {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
        for entry in ("apply", "verify")
    ]
    plays = [{"hosts": "web", "gather_facts": False, "tasks": tasks}]
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    play(host, collections, f"{host.path}/play.yml")
    assert host.states("kafka.service") == ["inactive"]
    took_back = ("-e", "target=web", "--check")
    play(host, collections, f"{COLLECTION}.service.service_stop", *took_back)
    assert host.states("kafka.service") == ["inactive"]
    taken_back, not_on = (
        {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
        for entry in ("rollback", "verify")
    )
    message = {"ansible.builtin.debug": {"var": "ansible_failed_result.msg"}}
    asked_in_vain = {"block": [not_on], "rescue": [message]}
    plays = [{"hosts": "web", "gather_facts": False, "tasks": [taken_back, asked_in_vain]}]
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    said = play(host, collections, f"{host.path}/play.yml")
    assert "is not on: it is not known here; it ended, or was never put on" in said
    assert host.states("kafka.service") == ["active"]
    started = host.systemctl("show", "-p", "ExecMainPID", "kafka.service")
    said = play(host, collections, f"{COLLECTION}.service.service_stop", "-e", "target=web")
    assert "See that it is on, and that it has an effect" in said
    assert host.states("kafka.service") == ["active"]
    assert host.systemctl("show", "-p", "ExecMainPID", "kafka.service") != started


def test_a_role_asks_again_while_the_host_is_on_its_way_back(
    host: SystemdHost, tmp_path: Path
) -> None:
    collections = installed_collection(tmp_path)
    host.app("kafka.service")
    host.start("kafka.service")
    tasks = [{"ansible.builtin.include_role": {"name": ROLE}}]
    plays = [{"hosts": "web", "gather_facts": False, "tasks": tasks}]
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    play(host, collections, f"{host.path}/play.yml")
    # From now on it takes longer to start than the host guard waits before it answers.
    host.app("kafka.service", service="ExecStartPre=/bin/sleep 45")
    host.systemctl("daemon-reload")
    tasks[0]["ansible.builtin.include_role"]["tasks_from"] = "rollback"
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    said = play(host, collections, f"{host.path}/play.yml")
    assert "FAILED - RETRYING" in said
    assert host.states("kafka.service") == ["active"]


def test_roles_with_names_alike_do_not_stand_for_one_another(
    host: SystemdHost, tmp_path: Path
) -> None:
    collections = installed_collection(tmp_path)
    host.app("kafka.service")
    host.start("kafka.service")

    def called(kind: str, entry: str) -> dict[str, object]:
        return {
            "ansible.builtin.include_role": {"name": f"{COLLECTION}.{kind}", "tasks_from": entry}
        }

    def do(*tasks: dict[str, object], ends_with: int = 0) -> str:
        plays = [{"hosts": "web", "gather_facts": False, "tasks": list(tasks)}]
        (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
        options = ("-e", "service_pause_service=kafka process_pause_executable=/bin/sleep")
        return play(host, collections, f"{host.path}/play.yml", *options, ends_with=ends_with)

    do(called("service_pause", "apply"))
    said = do(called("process_pause", "verify"), ends_with=2)
    assert "fault process_pause is not on" in said
    do(called("process_pause", "rollback"), called("service_pause", "verify"))
    do(called("service_pause", "rollback"))


def test_what_becomes_of_a_host_after_a_roll_back_is_not_the_faults(
    host: SystemdHost, tmp_path: Path
) -> None:
    collections = installed_collection(tmp_path)
    host.app("kafka.service")
    host.start("kafka.service")
    options = ("-e", "target=web")
    play(host, collections, f"{COLLECTION}.service.service_stop", *options)
    host.systemctl("stop", "kafka.service")
    tasks = [{"ansible.builtin.include_role": {"name": ROLE, "tasks_from": "rollback"}}]
    plays = [{"hosts": "web", "gather_facts": False, "tasks": tasks}]
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    said = play(host, collections, f"{host.path}/play.yml")
    assert "changed=0" in said
    assert host.states("kafka.service") == ["inactive"]
    assert asked(host.guard("audit"))["clean"] is True


@pytest.mark.parametrize(
    ("kind", "option", "complaint"),
    [
        (
            "network_partition",
            "ports=9092",
            "network_partition_ports: found 9092; allowed is a list of ports such as 9092 or "
            "9092-9094; --extra-vars takes one as JSON",
        ),
        (
            "cpu_stress",
            "load=0%",
            "cpu_stress_load: found 0%; allowed is a percentage such as 5%, 1% to 100%",
        ),
    ],
)
def test_a_role_refuses_what_its_kind_does_not_take(
    host: SystemdHost, tmp_path: Path, kind: str, option: str, complaint: str
) -> None:
    collections = installed_collection(tmp_path)
    plays = [{"hosts": "web", "gather_facts": False, "roles": [f"{COLLECTION}.{kind}"]}]
    (host.path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    chosen = ("-e", f"{kind}_{option}")
    said = play(host, collections, f"{host.path}/play.yml", *chosen, ends_with=2)
    assert complaint in " ".join(said.split())
    assert "chaos_" not in host.shell("nft list ruleset")
    assert not host.systemctl("list-units", "--plain", "--no-legend", "chaos-*")
