"""What an execution node reports counts only if it was asked for once the fault was known there."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.nodes.leases import ZoneLeases

LINE = '{"guard":"3","token":"t","verb":"renew","ok":false,"error":"no fault is active"}'


def report(*held: str) -> dict[str, object]:
    """Return the report of a renewal that was asked for while the node held these faults."""
    return {"host": "k1", "what": "renewed", "token": "t", "line": LINE, "held": list(held)}


def test_an_answer_from_before_a_fault_says_nothing_of_it() -> None:
    leases = ZoneLeases(Host("node", "node"), [Host("k1", "k1")], "run", 20)
    leases._take(report())
    leases.hold("fault", "k1", 10.0)
    assert isinstance(leases.answer("k1", 0.01), ChaosRunnerError)
    leases._take(report())
    assert isinstance(leases.answer("k1", 0.01), ChaosRunnerError)
    leases._take(report("fault"))
    assert isinstance(leases.answer("k1", 0.01), RenewAnswer)
    leases.release("fault")
    leases._take(report())
    assert isinstance(leases.answer("k1", 0.01), RenewAnswer)


class Counting(ZoneLeases):
    """Leases that count what they are told."""

    told = 0

    def _take(self, report: Mapping[str, object]) -> None:
        self.told += len(json.dumps(report)) + 1
        super()._take(report)


def test_a_node_that_floods_with_reports_is_listened_to_no_faster() -> None:
    leases = Counting(Host("node", "node"), [Host("k1", "k1")], "run", 20)
    padded = {**report(), "why": "x" * 10_000}
    flood = f"import sys\nwhile True: sys.stdout.write({json.dumps(padded)!r} + chr(10))"
    with subprocess.Popen(
        [sys.executable, "-c", flood], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        listening = threading.Thread(target=leases._listen, args=[process])
        listening.start()
        time.sleep(3)
        process.kill()
        listening.join(10)
    assert not listening.is_alive()
    assert 0 < leases.told < 8 * 1024**2
