"""What an execution node needs for a playbook: everything in one directory, nothing beside it.

The hosts are written as they were resolved here, by address, port, user and how root is become
there. Ways through other machines and key files are this side's own: the node reaches its zone
straight, with the keys of the agent that is forwarded to it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ansible import bounded_ssh
from chaos_runner.hosts.ansible.bounded_programs import MOST_SAID
from chaos_runner.hosts.ansible.extra_variables import as_data, extra_variables
from chaos_runner.hosts.ansible.playbook_job import PlaybookJob

INVENTORY = "inventory/hosts.yml"
_SSH = "bounded-ssh"


def write_zone_files(
    private: Path,
    on_node: str,
    job: PlaybookJob,
    hosts: Sequence[Host],
    host_keys: str,
) -> None:
    """Fill `private`, which becomes the directory `on_node` there."""
    for name in ("project", "inventory", "env"):
        (private / name).mkdir(mode=0o700)
    text = (content_directory("playbooks") / job.playbook).read_text(encoding="utf-8")
    (private / "project" / job.playbook).write_text(text, encoding="utf-8")
    source = Path(bounded_ssh.__file__).read_text(encoding="utf-8")
    (private / "bounded_ssh.py").write_text(source, encoding="utf-8")
    program = private / _SSH
    program.write_text(
        f'#!/bin/sh\nexec python3 -I -S {on_node}/bounded_ssh.py {MOST_SAID} ssh "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o700)
    (private / "known_hosts").write_text(host_keys, encoding="utf-8")
    listed = {"all": {"hosts": {host.name: _connection(host) for host in hosts}}}
    (private / INVENTORY).write_text(as_data(listed), encoding="utf-8")
    known = {host.name: _plain(host) for host in hosts}
    own = {name: each for name, each in job.host_variables.items() if name in known}
    extra = extra_variables(
        job.variables,
        own,
        known,
        None,
        {"ssh": f"{on_node}/{_SSH}"},
        f"UserKnownHostsFile={on_node}/known_hosts",
    )
    descriptor = os.open(private / "env" / "extravars", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(extra)


def _plain(host: Host) -> Host:
    return Host(name=host.name, address=host.address)


def _connection(host: Host) -> dict[str, object]:
    values: dict[str, object] = {
        "ansible_host": host.address,
        "ansible_port": host.port if host.port_given else None,
        "ansible_user": host.user,
        "ansible_become": host.become,
        "ansible_become_method": host.become_method,
        "ansible_become_user": host.become_user,
        "ansible_become_flags": host.become_flags or None,
        "ansible_become_exe": host.become_exe or None,
    }
    return {name: value for name, value in values.items() if value is not None}
