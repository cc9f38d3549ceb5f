"""Taking back does not depend on the home directory of whoever calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.asking import question
from tests.unit.hosts.ssh_server import SshServer


@pytest.mark.parametrize("home", ["/proc", "/dev/full"])
def test_a_home_directory_that_takes_no_files_stops_nothing(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    host, source = server.host(), tmp_path / "hosts.ini"
    source.write_text(
        f"broker ansible_host=127.0.0.1 ansible_port={server.port} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} ansible_become=false "
        f"ansible_ssh_common_args='{host.ssh_arguments}'\n",
        encoding="utf-8",
    )
    with AnsibleChannel(read_inventory(source)) as channel:
        asked = channel.run("preflight.yml", ["broker"], timeout=300, **question("preflight"))
    assert asked.per_host["broker"].state == "ok", asked
