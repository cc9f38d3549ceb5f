"""Playbooks of one test, and the inventory of an SSH server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chaos_runner.fleet.inventory import Inventory
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.unit.hosts.ssh_server import SshServer

GUARD_LINE = (
    '{"guard":"1","token":"{{ chaos_token }}","verb":"preflight","ok":true,'
    '"hostname":"a","uptime":12.5,"capabilities":{"nft":true}}'
)


WritePlaybook = Callable[[str], str]


def by_ssh(server: SshServer, tmp_path: Path) -> Inventory:
    host = server.host()
    source = tmp_path / "ssh.ini"
    source.write_text(
        f"broker ansible_host=127.0.0.1 ansible_port={server.port} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} "
        f"ansible_ssh_common_args='{host.ssh_arguments} -F none'\n",
        encoding="utf-8",
    )
    return read_inventory(source)
