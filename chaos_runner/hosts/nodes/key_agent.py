"""The keys of a zone's hosts in an agent, so that they never lie on the zone's execution node."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.readable import first_lines

_LIMIT = 10.0
"""Seconds for ssh-agent to make its socket, and for ssh-add to read a key."""
_UNTIL_WE_END = 'read _; kill "$SSH_AGENT_PID"; rm -rf -- "$1"'
"""The agent's own command: it waits for the end of its input, which is ours, and ends both."""


class KeyAgent(Closing):
    """An ssh-agent with the key files that hosts name; without any, the user's own agent.

    Raises ChaosRunnerError when a key file cannot be read without a passphrase.
    """

    def __init__(self, hosts: Iterable[Host]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None
        named = dict.fromkeys(host.private_key_file for host in hosts if host.private_key_file)
        files = [path for name in named if (path := Path(name).expanduser()).is_file()]
        self.environment = needed_of(os.environ)
        """What a program is started with that forwards the agent."""
        if files:
            self._directory = Path(tempfile.mkdtemp(prefix="chaos-agent-"))
            try:
                self._start(self._directory / "agent")
                for file in files:
                    self._add(file)
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """End the agent."""
        if self._process is not None and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
        self._process = self._directory = None

    def _start(self, path: Path) -> None:
        try:
            self._process = subprocess.Popen(
                [
                    *("ssh-agent", "-a", str(path)),
                    *("sh", "-c", _UNTIL_WE_END, "sh", str(path.parent)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.environment,
                start_new_session=True,  # a Ctrl-C is not for it: the roll-back needs it
            )
        except FileNotFoundError as error:
            raise ChaosRunnerError("there is no `ssh-agent` here", "install OpenSSH") from error
        deadline = time.monotonic() + _LIMIT
        while not _answers(path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ChaosRunnerError(
                    f"ssh-agent does not answer at {path}", "try `ssh-agent -D` by hand"
                )
            time.sleep(0.01)
        self.environment = {**self.environment, "SSH_AUTH_SOCK": str(path)}

    def _add(self, file: Path) -> None:
        done = subprocess.run(
            ["ssh-add", "-q", "--", str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env={**self.environment, "SSH_ASKPASS_REQUIRE": "never"},
            start_new_session=True,  # without a terminal nobody is asked for a passphrase
            timeout=_LIMIT,
            check=False,
        )
        if done.returncode != 0:
            raise ChaosRunnerError(
                f"the key {file} cannot be given to an execution node's zone: "
                f"{first_lines(done.stderr) or 'ssh-add failed'}",
                "load it into your ssh-agent, and take the file out of the inventory's zone",
            )


def _answers(path: Path) -> bool:
    """Tell whether the agent listens; its socket is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
