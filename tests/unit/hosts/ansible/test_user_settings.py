"""The user's own settings of Ansible are followed, and change neither a play nor what is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.unit.hosts.ansible.playbooks import GUARD_LINE, WritePlaybook
from tests.unit.hosts.ssh_server import SshServer


def test_ansible_is_found_without_an_active_virtual_environment(
    local: Inventory, playbook: WritePlaybook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("ANSIBLE_NO_LOG", "1")
    name = playbook(f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n")
    with AnsibleChannel(local) as channel:
        assert channel.run(name, ["a"]).per_host["a"].answer(PreflightFacts) is not None


def test_settings_of_the_users_change_neither_what_is_done_nor_what_is_read(
    local: Inventory, playbook: WritePlaybook, monkeypatch: pytest.MonkeyPatch, empty_home: Path
) -> None:
    plugins = empty_home / "plugins"
    plugins.mkdir()
    (plugins / "raw.py").write_text("raise RuntimeError('another raw')\n", encoding="utf-8")
    settings = {
        "ANSIBLE_VERBOSITY": "4",
        "ANSIBLE_DEBUG": "1",
        "ANSIBLE_STDOUT_CALLBACK": "oneline",
        "ANSIBLE_CALLBACKS_ENABLED": "no_such_callback",
        "ANSIBLE_LOG_PATH": "/no/such/directory/log",
        "ANSIBLE_STRATEGY": "debug",
        "ANSIBLE_ENABLE_TASK_DEBUGGER": "True",
        "ANSIBLE_RUN_TAGS": "nothing",
        "ANSIBLE_SKIP_TAGS": "all",
        "ANSIBLE_ACTION_PLUGINS": str(plugins),
        "ANSIBLE_LIBRARY": str(plugins),
        "ANSIBLE_ANY_ERRORS_FATAL": "True",
        "ANSIBLE_TASK_TIMEOUT": "1",
        "ANSIBLE_DISPLAY_OK_HOSTS": "False",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "True",
        "ANSIBLE_VERBOSE_TO_STDERR": "True",
        "ANSIBLE_KEEP_REMOTE_FILES": "True",
        "ANSIBLE_EXECUTABLE": "/bin/false",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_ROLES_PATH": str(plugins),
        "ANSIBLE_INVENTORY": "/no/such/inventory",
    }
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: sleep 1.5; echo '{GUARD_LINE}'\n"
        "    - name: Fail on one\n      ansible.builtin.raw: test {{ answer }} = one\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"])
    assert [host.state for host in outcome.per_host.values()] == ["ok", "failed"]
    assert all(host.answer(PreflightFacts) for host in outcome.per_host.values())


def test_secrets_of_the_environment_are_on_no_disk_and_not_in_the_children(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("KAFKA_PASSWORD", "open-sesame")
    monkeypatch.setenv("DB_TOKEN", "open-sesame")
    monkeypatch.setenv("CHAOS_RUNNER_NOTIFY_END", "slack://open-sesame/b/c")
    monkeypatch.setenv("DATABASE_URL", "postgres://ops:open-sesame@db/x")
    monkeypatch.setenv("https_proxy", "http://ops:shut-sesame@proxy:3128")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "shut-sesame")
    name = playbook(
        f"    - name: Look\n      ansible.builtin.raw: env > {tmp_path}/children; "
        f"grep -rls '[n]-sesame\\|[t]-sesame' {work} > {tmp_path}/found; true\n"
    )
    with AnsibleChannel(local, work) as channel:
        assert channel.run(name, ["a"]).per_host["a"].state == "ok"
    assert (tmp_path / "found").read_text() == ""
    children = (tmp_path / "children").read_text()
    assert "open-sesame" not in children
    assert "AWS_SECRET_ACCESS_KEY=shut-sesame" in children, "a way in may need it"
    assert "https_proxy=http://ops:shut-sesame@proxy:3128" in children, "so may it need this"
    with AnsibleChannel(replace(local, reads_environment=True), work) as channel:
        assert channel.run(name, ["a"]).per_host["a"].state == "ok"
    assert "KAFKA_PASSWORD=open-sesame" in (tmp_path / "children").read_text()
    assert (tmp_path / "found").read_text() == ""


def test_variables_where_the_users_playbooks_would_lie_are_read(
    local: Inventory, playbook: WritePlaybook, empty_home: Path
) -> None:
    (empty_home / "group_vars").mkdir()
    (empty_home / "group_vars" / "all.yml").write_text("word: adjacent\n", encoding="utf-8")
    name = playbook("    - name: Say\n      ansible.builtin.fail: {msg: '{{ word }}'}\n")
    with AnsibleChannel(local) as channel:
        assert channel.run(name, ["a"]).per_host["a"].message == "Say: adjacent"


def test_the_users_ansible_cfg_is_honoured(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook, empty_home: Path
) -> None:
    host = server.host()
    source = tmp_path / "bare.ini"
    source.write_text(f"broker ansible_host=127.0.0.1 ansible_port={server.port}\n")
    (empty_home / "ansible.cfg").write_text(
        f"[defaults]\nremote_user = {host.user}\nprivate_key_file = {host.private_key_file}\n"
        f"host_key_checking = False\n[ssh_connection]\nssh_args = {host.ssh_arguments} -F none\n",
        encoding="utf-8",
    )
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    inventory = read_inventory(source)
    assert inventory.hosts["broker"].user == host.user
    with AnsibleChannel(inventory) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        server.known_hosts.write_text("", encoding="utf-8")
        channel.close()
        assert channel.run(name, ["broker"]).per_host["broker"].state == "unreachable"
