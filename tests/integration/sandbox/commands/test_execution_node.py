"""A host worked on through an execution node, and what ends its fault when something dies."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.commands.fleet_of_one import FAULT
from tests.integration.sandbox.commands.zone import Zone
from tests.waiting import wait_until


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
from chaos_runner.hosts.nodes.zones import zones_of
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
    assert float(str(proof["held"])) > 2 * LEASE  # so it was renewed, though not heard of
    assert zone.tables() == ""


def test_renewals_end_with_the_control_node(zone: Zone) -> None:
    process = put_on(zone, 300)
    process.kill()
    wait_until(lambda: ended(zone), "the fault is off by its lease")
    assert proof_of(zone)["by"] == "lease"


@pytest.mark.whole
def test_renewals_end_with_the_execution_node(zone: Zone) -> None:
    process = put_on(zone, 300)
    zone.end_node()
    wait_until(lambda: ended(zone), "the fault is off by its lease")
    assert proof_of(zone)["by"] == "lease"
    assert process.stdout
    assert any("inf" in line for line in process.stdout)
