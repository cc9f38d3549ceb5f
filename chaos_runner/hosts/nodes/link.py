"""How programs are started on an execution node, and what they need to reach the zone's hosts."""

from __future__ import annotations

import secrets
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.nodes.key_agent import KeyAgent
from chaos_runner.hosts.ssh.arguments import ours
from chaos_runner.hosts.ssh.route import question
from chaos_runner.hosts.ssh.session import ask_ssh

_ANSWER_LIMIT = 10.0
"""Seconds for ssh to say which files of host keys it goes by."""
_MOST_HOST_KEYS = 4 * 1024**2
"""Bytes of host keys that are sent along; ten thousand hosts with three keys each have less."""
_LASTING = "-o ServerAliveInterval=0 -o TCPKeepAlive=no"
"""What lets a connection outlive a cut: it goes on once the network does."""


@dataclass(frozen=True)
class Started:
    """A program to start here that is one on the node, and its environment."""

    command: tuple[str, ...]
    environment: dict[str, str]

    def open(self, buffer_size: int = -1) -> subprocess.Popen[bytes]:
        """Start it, with three pipes.

        A Ctrl-C is not for it: renewals and the roll-back go through it.
        """
        return subprocess.Popen(
            self.command,
            bufsize=buffer_size,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            start_new_session=True,
        )


class NodeLink(Closing):
    """The way to one execution node, for the hosts of its zone.

    Their keys stay on this machine: an agent with them is forwarded. The node checks the hosts'
    keys against the lines that are known here. Raises ChaosRunnerError when a key cannot be read.
    """

    def __init__(self, node: Host, hosts: Sequence[Host]) -> None:
        self.node = node
        self._agent = KeyAgent(hosts)
        self.host_keys = _host_keys(hosts)
        """The text of a known_hosts file for the zone."""

    def start(self, script: str, *, lasting: bool = False) -> Started:
        """Return what runs a shell script on the node, with the agent of the zone's keys.

        A `lasting` connection outlives a cut of some minutes; any other is given up after 15 s.
        """
        command = ssh_to(self.node, script, "-A", lasting=lasting)
        return Started(command, self._agent.environment)

    def close(self) -> None:
        """End the agent with the keys."""
        self._agent.close()


def ssh_to(node: Host, script: str, agent: str, *, lasting: bool) -> tuple[str, ...]:
    """Return this machine's ssh with what runs a shell script on a node, without a terminal.

    `agent` is `-A` to forward the agent of its environment, or `-a` to forward none.
    """
    ssh, _, *words = question(node)
    *options, separator, address = words
    first = (_LASTING if lasting else "").split() + shlex.split(ours(None))
    return (
        *(node.ssh_executable or ssh, agent, "-T", "-o", "BatchMode=yes"),
        *("-o", "ClearAllForwardings=no", *first, *options, separator, address),
        f"sh -c {shlex.quote(script)}",
    )


def pipe_of(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe of a program that was started with three."""
    if pipe is None:
        raise ValueError("the program was started without this pipe")
    return pipe


def new_directory() -> str:
    """Return the path of a directory that a script is to make on a node, and nobody can guess."""
    return f"/tmp/chaos-node-{secrets.token_hex(16)}"  # noqa: S108  # its maker refuses one that is there


def needing(*programs: str) -> str:
    """Return the beginning of a script that says which of these programs the node lacks."""
    return (
        f'for each in {shlex.join(programs)}; do command -v "$each" >/dev/null || '
        '{ echo "there is no $each on the PATH of this execution node" >&2; exit 127; }; done; '
    )


def _host_keys(hosts: Sequence[Host]) -> str:
    lines: dict[str, None] = {}
    for file in dict.fromkeys(_files_of(hosts)):
        if not file.is_file():
            continue
        with file.open(encoding="utf-8", errors="replace") as text:
            lines |= dict.fromkeys(text.read(_MOST_HOST_KEYS + 1).splitlines())
    known = "\n".join(lines) + "\n"
    if len(known) > _MOST_HOST_KEYS:
        raise ChaosRunnerError(
            "the files of known hosts are too large to send to an execution node",
            "name a smaller one with `-o UserKnownHostsFile=` for its zone",
        )
    return known


def _files_of(hosts: Sequence[Host]) -> Iterator[Path]:
    """Yield the files of host keys; ssh is asked once for hosts with the same arguments."""
    for host in {host.ssh_arguments: host for host in hosts}.values():
        yield from ask_ssh(host, _ANSWER_LIMIT).known_hosts_files
