"""A partition by shape on real brokers: who hears whom while it is on, and afterwards."""

from __future__ import annotations

import signal
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultEffect, HostVerified, RunStarted
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import applied, running
from tests.waiting import PATIENCE, wait_until

# left out of CI: test_shapes.py of the sandbox shows who hears whom, test_three_faults a whole run
pytestmark = pytest.mark.whole

HOSTS = ["kafka-1", "kafka-2", "kafka-3", "kafka-4"]


def deaf_pairs(on_host: Callable[..., str]) -> set[tuple[str, str]]:
    """Return who cannot connect to whom at Kafka's port."""
    look = "timeout 3 bash -c ': >/dev/tcp/{}/9092' 2>/dev/null && echo yes || echo no"
    return {
        (one, other)
        for one, other in permutations(HOSTS, 2)
        if on_host(one, look.format(other)).strip() != "yes"
    }


def test_a_bridge_hears_both_sides(
    tmp_path: Path, clean_hosts: Path, on_host: Callable[..., str]
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        "title: A bridge\nsteady_state: {loss: 0%}\nphases: {before: 3s, after: 3s}\n"
        'allow: {topics: ["*", "__*"]}\nfaults:\n'
        "  - network_partition: {shape: bridge}\n"
        "    targets: {group: kafka_broker}\n    duration: 5m\n",
        encoding="utf-8",
    )
    with running(file, clean_hosts, tmp_path) as process:
        wait_until(lambda: len(applied(tmp_path)) == 3, "the fault is on three hosts")
        assert deaf_pairs(on_host) == {
            pair for one in HOSTS[:2] for pair in [(one, "kafka-4"), ("kafka-4", one)]
        }
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
    assert deaf_pairs(on_host) == set()
    (journal,) = tmp_path.glob("**/journal.jsonl")
    (started,) = events_of(journal, RunStarted)
    assert started.faults[0].unheard["kafka-4"] == HOSTS[:2]
    assert [effect.seen for effect in events_of(journal, FaultEffect)] == [True] * 3
    assert {verified.state for verified in events_of(journal, HostVerified)} == {"clean"}
