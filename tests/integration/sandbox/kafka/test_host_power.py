"""A broker's machine switched off by commands of the user's, and on again whatever dies.

The machine is an address of the small cluster: stand-ins for what switches real ones have the
kernel drop all that goes there, as when nobody is at the address any more.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.kafka.cluster_runs import (
    events,
    experiment,
    journal,
    kill,
    record,
    started,
)
from tests.integration.sandbox.kafka.small_cluster import SmallCluster, small_cluster
from tests.waiting import PATIENCE, wait_until

SWITCH = """\
[ "$2 $3" = "k2 127.0.0.2" ] || exit 3
echo "$1" >>{log}
case $1 in
  off) nft -f - ;;
  on) nft delete table ip power ;;
esac <<RULES
table ip power {{
  chain in {{
    type filter hook input priority 0; policy accept;
    ip daddr 127.0.0.2 drop
  }}
}}
RULES
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with small_cluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        listen = [sys.executable, "-m", "http.server", "22", "--bind", "127.0.0.2"]
        server = subprocess.Popen(
            running.inside(listen), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda: is_on(running), "the machine's SSH port answers")
            yield running
        finally:
            server.kill()
            server.wait()


def is_on(cluster: SmallCluster) -> bool:
    """Tell whether a connection to the machine is accepted."""
    connect = ["timeout", "3", "bash", "-c", ": >/dev/tcp/127.0.0.2/22"]
    done = subprocess.run(cluster.inside(connect), capture_output=True, check=False)
    return done.returncode == 0


def fault(directory: Path) -> str:
    """Return the fault, with stand-ins that write down how they are called."""
    switch = directory / "switch"
    switch.write_text(SWITCH.format(log=directory / "log"), encoding="utf-8")
    arguments = f'"{switch}", %s, "{{host}}", "{{address}}"'
    off, on = (f"[sh, {arguments % word}]" for word in ("'off'", "'on'"))
    return f"host_power: {{switch_off: {off}, switch_on: {on}}}\n    targets: {{hosts: k2}}"


def test_it_is_on_again_though_the_run_is_killed(cluster: SmallCluster, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run = started(cluster, state, tmp_path, fault(tmp_path), "--trust")
    (effect,) = events(state, "fault_effect")
    (seen,) = effect["readings"]
    assert (seen["of"], seen["name"], seen["state"]) == ("k2", "host", "silent")
    assert not is_on(cluster)
    kill(run)
    wait_until(lambda: json.loads(record(state).read_text())["ending"], "the watchdog took it back")
    assert is_on(cluster)
    assert (tmp_path / "log").read_text().split() == ["off", "on"]
    # What stands in a journal alone, which may come from anybody, starts no program.
    run_name = journal(state).parent.name
    record(state).unlink()
    recovered = cluster.call(state, "recover", run_name, "-i", cluster.inventory)
    assert recovered.code == 10, recovered.stdout + recovered.stderr
    assert "do it yourself: sh" in recovered.stdout + recovered.stderr
    assert (tmp_path / "log").read_text().split() == ["off", "on"]


SURVEY = """\
from chaos_runner.kafka.survey.process import survey
print(survey("127.0.0.2:9092", {}).voters)
"""


def test_a_cluster_tells_who_votes_in_a_dynamic_quorum(cluster: SmallCluster) -> None:
    done = subprocess.run(
        cluster.inside([sys.executable, "-c", SURVEY]),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    told = r"\{1: Voter\(addresses=\('127.0.0.1',\), silent=False, leads=True, ports=\(\d+,\)\)\}"
    assert re.fullmatch(told, done.stdout.strip()), done.stdout


def test_without_trust_nothing_is_started(cluster: SmallCluster, tmp_path: Path) -> None:
    file = experiment(tmp_path, fault(tmp_path), "10s")
    refused = cluster.call(tmp_path / "state", "run", file, "-i", cluster.inventory, "--yes")
    assert refused.code == 4, refused.stdout + refused.stderr
    assert "fault 1 runs `sh" in refused.stderr
    assert not (tmp_path / "log").exists()
    assert is_on(cluster)
