"""Every fault kind in a whole run on the lab: planned, put on, seen, and gone without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.faults.registry import own_kinds
from chaos_runner.journal.events import FaultEffect, HostVerified, RunFinished
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of

# Left out of CI, where test_three_faults has a whole run and each kind a test in the sandbox.
pytestmark = pytest.mark.whole

MACHINE = "kafka-4"
"""The broker that may be a machine of its own, with a disk for Kafka's data."""
FAULTS = {
    "clock_skew": "{offset: -5m}",
    "connection_exhaustion": "{ports: [9092]}",
    "cpu_stress": "{workers: 1, load: 50%}",
    "disk_fill": "{path: /var/lib/kafka, level: 90%}",
    "disk_slow": "{service: kafka, path: /var/lib/kafka, write: 8MiB}",
    "disk_stall": "{path: /var/lib/kafka}",
    "dns_failure": "{peers: [198.18.0.11]}",
    "file_descriptors": "{service: kafka}",
    "host_panic": "{}",
    "host_reboot": "{}",
    "inode_fill": "{path: /var/lib/kafka}",
    "io_stress": "{path: /var/lib/kafka, workers: 1}",
    "leader_move": "{}",
    "log_flood": "{lines: 100}",
    "memory_stress": "{size: 64MiB}",
    "mtu_black_hole": "{mtu: 1200}",
    "network_bandwidth": "{rate: 20mbit}",
    "network_corruption": "{corrupt: 5%}",
    "network_duplication": "{duplicate: 5%}",
    "network_flap": "{down: 2s, up: 4s}",
    "network_latency": "{delay: 100ms}",
    "network_loss": "{loss: 10%}",
    "network_partition": "{}",
    "network_reordering": "{reorder: 25%, delay: 20ms}",
    "process_pause": "{executable: JAVA}",
    "replication_throttle": "{rate: 1MiB}",
    "service_kill": "{service: kafka}",
    "service_pause": "{service: kafka}",
    "service_stop": "{service: kafka}",
    "service_throttle": "{service: kafka, cpu: 50%}",
}
ELSEWHERE = {"group_rebalance", "host_power"}
"""Need a group with members, or a power switch: tests/integration/sandbox/kafka has both."""


def test_every_kind_is_here() -> None:
    assert {kind.kind for kind in own_kinds()} == {*FAULTS, *ELSEWHERE}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_kind_runs_and_leaves_its_host_clean(
    kind: str, tmp_path: Path, clean_hosts: Path, on_host: Callable[..., str]
) -> None:
    java = on_host(MACHINE, "sudo readlink -f /proc/$(systemctl show -P MainPID kafka)/exe").strip()
    file = tmp_path / "experiment.yml"
    file.write_text(
        f"title: A {kind}\nsteady_state: {{loss: 0%}}\nphases: {{before: 3s, after: 3s}}\n"
        f"faults:\n  - {kind}: {FAULTS[kind].replace('JAVA', java)}\n"
        f"    targets: {{hosts: {MACHINE}}}\n    duration: 30s\n",
        encoding="utf-8",
    )
    words = ("run", file, "-i", clean_hosts, "--runs", tmp_path, "--yes", "-o", "json")
    done = chaos_runner(*words, timeout=600)
    assert done.code in (0, 3), done.stdout + done.stderr
    journal = str(done.json["journal"])
    (finished,) = events_of(journal, RunFinished)
    # A busy machine may be too slow to judge; that nothing was lost is never in doubt.
    assert finished.verdict in ("held", "inconclusive"), done.stdout
    effects = events_of(journal, FaultEffect)
    assert [effect.seen for effect in effects] == [True], effects
    assert {event.state for event in events_of(journal, HostVerified)} <= {"clean"}
