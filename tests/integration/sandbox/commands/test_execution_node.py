"""A host that is worked on through an execution node: a second sshd, on the other side.

The node's sshd is in the namespace of the control node, on a port of its own, so that what passes
between the two can be cut without touching what passes between node and host.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.conftest import REPOSITORY
from tests.integration.sandbox.commands.fleet_of_one import FAULT, FleetOfOne
from tests.integration.sandbox.guard.sandbox import CONTROLLER
from tests.waiting import wait_until

PORT = 2222
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
        self._mark = f"CHAOS_TEST_NODE={directory}".encode()
        self._sshd = self._start_node()

    def far(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on the control node's side."""
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--", *command]
        return subprocess.run(inside, capture_output=True, text=True, check=False)

    def cut(self) -> None:
        """Drop what passes between control node and execution node."""
        drops = f"tcp dport {PORT} drop; tcp sport {PORT} drop;"
        rules = f"table inet cut {{ chain in {{ type filter hook input priority 0; {drops} }} }}"
        done = self.far("nft", rules)
        assert done.returncode == 0, done.stderr

    def mend(self) -> None:
        """Let it pass again."""
        self.far("nft", "delete", "table", "inet", "cut")

    def end_node(self) -> None:
        """Kill everything of the node at once."""
        for process in self._of_node():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._sshd.wait()

    def _of_node(self) -> list[int]:
        """Return the node's sshd and all that came of it: each has its PATH from the sshd."""
        found = [self._sshd.pid]
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

    def _start_node(self) -> subprocess.Popen[bytes]:
        config = self._directory / "node_config"
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        lines = [f"ListenAddress {CONTROLLER}:{PORT}", f"HostKey {self._directory / 'host'}"]
        lines += [f"AuthorizedKeysFile {self._directory / 'user.pub'}", "StrictModes no"]
        lines += [
            "UsePAM no",
            "PermitRootLogin yes",
            "PidFile none",
            f"SetEnv PATH={programs} CHAOS_TEST_NODE={self._directory}",
        ]
        config.write_text("\n".join(lines) + "\n")
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
        inside = ["nsenter", "-t", str(self.sandbox.far), "--net", "--"]
        process = subprocess.Popen([*inside, sshd, "-D", "-f", str(config)])
        probe = f"exec 3<>/dev/tcp/{CONTROLLER}/{PORT}"
        wait_until(lambda: self.far("bash", "-c", probe).returncode == 0, "the node's sshd")
        return process


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[Zone]:
    fleet = Zone(tmp_path)
    yield fleet
    fleet.close()


def test_both_channels_go_through_the_node(zone: Zone) -> None:
    done = zone.call("audit", "-o", "json")
    assert done.code == 0, done.stderr
    assert done.json["hosts"][0]["state"] == "clean"  # type: ignore[index]
    zone.end_node()
    done = zone.call("audit", "-o", "json")
    assert done.code == 10
    said = str(done.json["hosts"])
    assert "execution node" in said, said


KEEP = """\
import sys, time
from pathlib import Path
from chaos_runner.fleet.execution_nodes import zones_of
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.nodes.leases import ZoneLeases

inventory = read_inventory(Path(sys.argv[1]))
zone = zones_of(inventory.hosts.values())["node"]
with ZoneLeases(zone[0].through, zone, "zoned", int(sys.argv[2])) as leases:
    leases.open(["k1"])
    leases.await_open("k1", 60)
    leases.hold("zoned_0", "k1", float(sys.argv[3]))
    while True:
        print(leases.answer("k1", 1), leases.heard_for(), flush=True)
"""
LEASE = 20
"""Seconds; a third of it is enough for a busy machine to renew in."""


def status(zone: Zone) -> dict[str, object]:
    """Return what the host says of the one fault."""
    data = zone.sandbox.guard("status").data
    assert data
    faults = data["faults"]
    assert isinstance(faults, list)
    return dict(faults[0])


def ended(zone: Zone) -> bool:
    return str(status(zone)["phase"]) == "CLEAN"


def proof_of(zone: Zone) -> dict[str, object]:
    """Return what the host says of how the fault ended."""
    data = zone.sandbox.guard("revert", "--run", "zoned").data
    assert data
    faults = data["faults"]
    assert isinstance(faults, list)
    return dict(faults[0])


def put_on(zone: Zone, seconds: float) -> subprocess.Popen[str]:
    """Put the fault on while the node renews, and have it held for so many seconds in a silence."""
    process = zone.python(KEEP, str(zone.inventory), str(LEASE), str(seconds))
    await_line(process, "no answer to `renew`|is active", "the node has reached the host")
    limits = ("--lease", str(LEASE), "--cap", "600")
    words = ("inject", "zoned_0", "--run", "zoned", "--kind", "network_partition", *limits)
    assert zone.sandbox.guard(*words, script=FAULT).code == 0
    await_line(process, "ok=True", "the node renews")
    return process


def await_line(process: subprocess.Popen[str], pattern: str, what: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if re.search(pattern, line):
            return
    raise AssertionError(f"it ended before: {what}")


def test_a_cut_from_the_control_node_ends_no_lease(zone: Zone) -> None:
    held = 3.0 * LEASE
    put_on(zone, held)
    zone.cut()
    wait_until(lambda: ended(zone), "the fault is off")
    proof = proof_of(zone)
    assert proof["by"] == "revert"
    assert float(str(proof["held"])) >= held
    assert zone.tables() == ""


def test_renewals_end_with_the_control_node(zone: Zone) -> None:
    process = put_on(zone, 300)
    process.kill()
    wait_until(lambda: ended(zone), "the fault is off by its lease")
    assert proof_of(zone)["by"] == "lease"


def test_renewals_end_with_the_execution_node(zone: Zone) -> None:
    process = put_on(zone, 300)
    zone.end_node()
    wait_until(lambda: ended(zone), "the fault is off by its lease")
    assert proof_of(zone)["by"] == "lease"
    assert process.stdout
    assert any("inf" in line for line in process.stdout)
