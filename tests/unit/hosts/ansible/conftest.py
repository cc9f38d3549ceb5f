"""A playbook of the test's own, and hosts that are this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host, Inventory
from tests.unit.hosts.ansible.playbooks import WritePlaybook


@pytest.fixture
def playbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WritePlaybook:
    """Write tasks as the package's only playbook, and return its name."""
    content = tmp_path / "content"
    for name in ("playbooks", "roles"):
        (content / name).mkdir(parents=True)
    for module in ("ansible.playbook_layout", "environment"):
        monkeypatch.setattr(
            f"chaos_runner.hosts.{module}.content_directory", lambda name: content / name
        )

    def write(tasks: str) -> str:
        head = "- name: Test\n  hosts: all\n  gather_facts: false\n  become: false\n  tasks:\n"
        (content / "playbooks" / "it.yml").write_text(head + tasks, encoding="utf-8")
        return "it.yml"

    return write


@pytest.fixture
def local(tmp_path: Path) -> Inventory:
    """Two hosts that are this machine."""
    source = tmp_path / "local.ini"
    source.write_text(
        "a answer=one\nb answer=two\n[all:vars]\nansible_connection=local\n"
        'ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
        encoding="utf-8",
    )
    return Inventory(source, {name: Host(name, name) for name in "ab"}, {})
