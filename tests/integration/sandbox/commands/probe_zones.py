"""A fleet of one broker, a control node, and two nodes from which probes measure.

Each has a network namespace of its own, on one bridge beside the control node; the broker is in
that of the host. What passes between control node and a node can be cut by itself, and so can what
passes between a node and the broker, by a fault on the host.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.sandbox.commands.fleet_of_one import FleetOfOne
from tests.integration.sandbox.guard.sandbox import CONTROLLER, HOST
from tests.integration.sandbox.kafka.small_cluster import small_cluster
from tests.waiting import wait_until

NODES = {"node-a": "198.18.200.11", "node-b": "198.18.200.12"}
_NODE = """\
    {name}:
      ansible_host: {address}
      ansible_user: root
      ansible_ssh_private_key_file: {key}
      ansible_ssh_common_args: -o UserKnownHostsFile={known} -o GlobalKnownHostsFile=/dev/null
"""
_BRIDGE = f"""
set -e
ip link add br0 type bridge
ip link set br0 up
ip link set far master br0
ip address flush dev far
ip address add {CONTROLLER}/24 dev br0
"""


class ProbeZones(FleetOfOne):
    """The fleet of one host, and two nodes with an sshd each."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._directory = directory
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self.far("sh", "-c", _BRIDGE)
        key = " ".join((directory / "host.pub").read_text().split()[:2])
        known = directory / "known_hosts"
        lines = [f"{address} {key}\n" for address in NODES.values()]
        known.write_text(known.read_text() + "".join(lines))
        hosts = [
            _NODE.format(name=name, address=address, key=directory / "user", known=known)
            for name, address in NODES.items()
        ]
        self.write_inventory("nodes:\n  hosts:\n" + "".join(hosts))
        for number, name in enumerate(NODES):
            self._start(number, name)

    def far(self, *command: str) -> None:
        """Run a command on the control node's side."""
        self._inside(self.sandbox.far, *command)

    def cut(self, node: str) -> None:
        """Drop what a node sends to the control node."""
        drop = f"ip saddr {NODES[node]} drop;"
        self.far(
            "nft", f"table inet cut {{ chain in {{ type filter hook input priority 0; {drop} }}; }}"
        )

    def reconnect(self) -> None:
        """Let it pass again."""
        self.far("nft", "delete", "table", "inet", "cut")

    def network(self, node: str) -> Path:
        """Return the name of a node's network namespace."""
        return Path(f"/proc/{self._nodes[node].pid}/ns/net").readlink()

    def close(self) -> None:
        """End the nodes and all that runs on them, too."""
        for name in self._nodes:
            for program in self._programs(name, b""):
                if program != self._nodes[name].pid:
                    os.kill(program, signal.SIGKILL)
        for process in (*self._servers.values(), *self._nodes.values()):
            process.kill()
            process.wait()
        super().close()

    def _programs(self, node: str, words: bytes) -> list[int]:
        """Return the processes in a node's network namespace whose command has these words."""
        own = self.network(node)
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "ns/net").readlink() != own:
                    continue
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if words in command and b"sh\0-c\0" not in command:
                found.append(int(entry.name))
        return found

    def _start(self, number: int, name: str) -> None:
        """Make a node's network, and start its sshd."""
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._nodes[name] = holder
        mine = Path("/proc/self/ns/net").readlink()
        there = Path(f"/proc/{holder.pid}/ns/net")
        wait_until(lambda: there.readlink() != mine, "the namespace is made", pause=0.01)
        port = f"port{number}"
        self.far(
            *("ip", "link", "add", port, "type", "veth"),
            *("peer", "name", "eth0", "netns", str(holder.pid)),
        )
        self.far("ip", "link", "set", port, "master", "br0", "up")
        address = f"{NODES[name]}/24"
        up = f"ip link set lo up && ip address add {address} dev eth0 && ip link set eth0 up"
        self._inside(holder.pid, "sh", "-c", up)
        self._servers[name] = self._sshd(holder.pid, name)
        probe = f"exec 3<>/dev/tcp/{NODES[name]}/22"
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--", "bash", "-c", probe]
        wait_until(
            lambda: subprocess.run(inside, capture_output=True, check=False).returncode == 0,
            f"the sshd of {name}",
        )

    def _sshd(self, holder: int, name: str) -> subprocess.Popen[bytes]:
        config = self._directory / f"{name}_config"
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        lines = [f"ListenAddress {NODES[name]}", f"HostKey {self._directory / 'host'}"]
        lines += [f"AuthorizedKeysFile {self._directory / 'user.pub'}", "StrictModes no"]
        lines += ["UsePAM no", "PermitRootLogin yes", "PidFile none", f"SetEnv PATH={programs}"]
        config.write_text("\n".join(lines) + "\n")
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
        inside = ["nsenter", "-t", str(holder), "--net", "--"]
        return subprocess.Popen([*inside, sshd, "-D", "-f", str(config)])

    @staticmethod
    def _inside(holder: int, *command: str) -> None:
        inside = ["nsenter", "-t", str(holder), "--net", "--", *command]
        done = subprocess.run(inside, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@contextmanager
def zones_beside_a_broker(directory: Path) -> Iterator[ProbeZones]:
    """Yield a fleet whose host has a broker, and end both."""
    fleet = ProbeZones(directory)
    broker = directory / "broker"
    broker.mkdir()
    try:
        with small_cluster(broker, 1, fleet.sandbox.holder, HOST):
            yield fleet
    finally:
        fleet.close()
