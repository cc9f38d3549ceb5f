"""A lab of two zones with a link between them, each with hosts and an execution node of its own.

The hosts are light ones. Half of them are moved to a second bridge, which one link joins to that of
the lab, where the control node is. A node is an sshd of this machine in a network namespace.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import yaml

from chaos_runner.lab.layout import LabPlace
from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.spec import HostSpec, LabSpec
from tests.integration.lab.lab.conftest import ignore
from tests.waiting import wait_until

NAME = "two-zones-of-tests"
ZONES = {"node-a": ("host-1", "host-2"), "node-b": ("host-3", "host-4")}
ADDRESSES = {"node-a": "198.18.0.101", "node-b": "198.18.0.102"}
_BRIDGES = """
set -e
ip link add far type bridge
ip link set far up
ip link add link0 type veth peer name link1
ip link set link0 master {near} up
ip link set link1 master far up
"""


class TwoZones:
    """The lab, its two nodes, and an inventory of all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._holders: list[subprocess.Popen[bytes]] = []
        self._servers: list[subprocess.Popen[bytes]] = []
        self.inventory = directory / "zones.yml"
        lab.down(NAME, ignore)
        lab.up(
            LabSpec(
                name=NAME, kafka=False, hosts=(HostSpec(name="host", backend="light", count=4),)
            ),
            ignore,
        )
        self.holder = self._hold("ip", "netns", "exec", NAME)
        near = self._bridge_of("host-1")
        self.inside("sh", "-c", _BRIDGES.format(near=near))
        for number, host in enumerate(ZONES["node-b"], start=3):
            self.inside(
                "ip", "link", "set", LabPlace(NAME).host(host, number).interface, "master", "far"
            )
        for name in ("host", "user"):
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
            subprocess.run(key, check=True)
        for name, bridge in (("node-a", near), ("node-b", "far")):
            self._start_node(name, bridge)
        self._write_inventory()

    def inside(self, *command: str) -> str:
        """Run a command in the control node's network, and return what it prints."""
        words = ["nsenter", "-t", str(self.holder), "--net", "--", *command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cut(self) -> None:
        """Cut the link between the zones: nobody on one side hears the other."""
        self.inside("ip", "link", "set", "link1", "down")

    def reconnect(self) -> None:
        """Let it pass again."""
        self.inside("ip", "link", "set", "link1", "up")

    def close(self) -> None:
        """End the nodes with all that runs on them, and the lab."""
        for holder in self._holders[1:]:
            own = Path(f"/proc/{holder.pid}/ns/net").readlink()
            for entry in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    if (entry / "ns/net").readlink() == own:
                        os.kill(int(entry.name), signal.SIGKILL)
        for process in (*self._servers, *self._holders):
            process.kill()
            process.wait()
        lab.down(NAME, ignore)

    def _hold(self, *there: str) -> int:
        """Start a process that keeps a network namespace, and return its id once it is there."""
        holder = subprocess.Popen([*there, "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self._holders.append(holder)
        mine = Path("/proc/self/ns/net").readlink()
        own = Path(f"/proc/{holder.pid}/ns/net")
        wait_until(lambda: own.readlink() != mine, "the namespace is entered", pause=0.01)
        return holder.pid

    def _bridge_of(self, host: str) -> str:
        port = LabPlace(NAME).host(host, 1).interface
        (link,) = json.loads(self.inside("ip", "-json", "link", "show", port))
        return str(link["master"])

    def _start_node(self, name: str, bridge: str) -> None:
        holder = self._hold("unshare", "--net")
        veth = ("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0")
        self.inside(*veth, "netns", str(holder))
        self.inside("ip", "link", "set", name, "master", bridge, "up")
        network = (
            f"ip link set lo up; ip address add {ADDRESSES[name]}/15 dev eth0; ip link set eth0 up"
        )
        config = self._directory / f"{name}_config"
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        lines = [f"ListenAddress {ADDRESSES[name]}", f"HostKey {self._directory / 'host'}"]
        lines += [f"AuthorizedKeysFile {self._directory / 'user.pub'}", "StrictModes no"]
        lines += ["UsePAM no", "PermitRootLogin yes", "PidFile none", f"SetEnv PATH={programs}"]
        config.write_text("\n".join(lines) + "\n")
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
        enter = ["nsenter", "-t", str(holder), "--net", "--", "sh", "-c"]
        serve = f"{network}; mkdir -p /run/sshd; exec {sshd} -D -f {config}"
        self._servers.append(subprocess.Popen([*enter, serve]))
        probe = f"exec 3<>/dev/tcp/{ADDRESSES[name]}/22"
        from_here = ["nsenter", "-t", str(self.holder), "--net", "--", "bash", "-c", probe]
        wait_until(
            lambda: subprocess.run(from_here, capture_output=True, check=False).returncode == 0,
            f"the sshd of {name}",
        )

    def _write_inventory(self) -> None:
        """Write the lab's inventory with the zones and nodes."""
        found = json.loads(LabPlace(NAME).inventory.read_text())
        variables = found["_meta"]["hostvars"]
        brokers = {
            host: {**variables[host], "chaos_execution_node": node}
            for node, hosts in ZONES.items()
            for host in hosts
        }
        key = " ".join((self._directory / "host.pub").read_text().split()[:2])
        known = self._directory / "known_hosts"
        known.write_text("".join(f"{address} {key}\n" for address in ADDRESSES.values()))
        options = f"-o UserKnownHostsFile={known} -o GlobalKnownHostsFile=/dev/null"
        nodes = {
            name: {
                "ansible_host": address,
                "ansible_user": "root",
                "ansible_ssh_private_key_file": str(self._directory / "user"),
                "ansible_ssh_common_args": options,
            }
            for name, address in ADDRESSES.items()
        }
        whole = {
            "all": {"vars": found["all"]["vars"]},
            "kafka_broker": {"hosts": brokers},
            "nodes": {"hosts": nodes},
        }
        self.inventory.write_text(yaml.safe_dump(whole))
