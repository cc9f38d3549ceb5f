"""A fleet of one host with an execution node: a second sshd, on the other side.

The node's sshd is in the namespace of the control node, on a port of its own, so that what passes
between the two can be cut without touching what passes between node and host.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.integration.conftest import REPOSITORY
from tests.integration.sandbox.commands.fleet_of_one import FleetOfOne
from tests.integration.sandbox.guard.sandbox import CONTROLLER
from tests.waiting import wait_until

PORT = 2222
PEER = "198.18.200.3"
"""A further address of the other side."""
ZONE = """\
      chaos_execution_node: node
nodes:
  hosts:
    node:
      ansible_host: {address}
      ansible_port: {port}
      ansible_user: root
      ansible_ssh_private_key_file: {key}
      ansible_ssh_common_args: -o UserKnownHostsFile={known} -o GlobalKnownHostsFile=/dev/null
"""


class Zone(FleetOfOne):
    """The fleet of one host, in a zone with an execution node."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._directory = directory
        key = " ".join((directory / "host.pub").read_text().split()[:2])
        known = directory / "known_hosts"
        known.write_text(f"{known.read_text()}[{CONTROLLER}]:{PORT} {key}\n")
        self.write_inventory(
            ZONE.format(address=CONTROLLER, port=PORT, key=directory / "user", known=known)
        )
        self.far("ip", "address", "add", f"{PEER}/24", "dev", "far")
        self._mark = f"CHAOS_TEST_NODE={directory}".encode()
        self._sshd: subprocess.Popen[bytes]
        self.start_node()

    def far(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on the control node's side."""
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--", *command]
        return subprocess.run(inside, capture_output=True, text=True, check=False)

    def cut(self) -> None:
        """Drop what passes between control node and execution node."""
        drops = f"tcp dport {PORT} drop; tcp sport {PORT} drop;"
        rules = f"table inet cut {{ chain in {{ type filter hook input priority 0; {drops} }}; }}"
        done = self.far("nft", rules)
        assert done.returncode == 0, done.stderr

    def reconnect(self) -> None:
        """Let it pass again."""
        self.far("nft", "delete", "table", "inet", "cut")

    def end_node(self) -> None:
        """Kill everything of the node at once."""
        for process in self._of_node():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._sshd.wait()

    def _of_node(self) -> list[int]:
        """Return the node's sshd, its sessions, and all that came of them, by their environment."""
        found: list[int] = []
        if self._sshd.poll() is None:
            own = self._sshd.pid
            sessions = Path(f"/proc/{own}/task/{own}/children").read_text()
            found = [own, *map(int, sessions.split())]
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and self._mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a program of this Python on the control node's side."""
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--"]
        process = subprocess.Popen(
            [*inside, sys.executable, "-c", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """End the node too."""
        self.end_node()
        super().close()

    def start_node(self) -> None:
        """Start the node's sshd."""
        config = self._directory / "node_config"
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        lines = [f"ListenAddress {CONTROLLER}:{PORT}", f"HostKey {self._directory / 'host'}"]
        lines += [f"AuthorizedKeysFile {self._directory / 'user.pub'}", "StrictModes no"]
        lines += [
            "UsePAM no",
            "PermitRootLogin yes",
            "PidFile none",
            f"SetEnv PATH={programs} TMPDIR={self._directory} {self._mark.decode()}",
        ]
        config.write_text("\n".join(lines) + "\n")
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--"]
        self._sshd = subprocess.Popen([*inside, sshd, "-D", "-f", str(config)])
        probe = f"exec 3<>/dev/tcp/{CONTROLLER}/{PORT}"
        wait_until(lambda: self.far("bash", "-c", probe).returncode == 0, "the node's sshd")
