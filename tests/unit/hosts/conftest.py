from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.hosts.ssh_server import SshServer


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own ssh and Ansible settings out of the tests."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("ANSIBLE_CONFIG", raising=False)
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    directory = tmp_path / "server"
    directory.mkdir()
    running = SshServer(directory)
    yield running
    running.close()
