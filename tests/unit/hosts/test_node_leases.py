"""What an execution node reports counts only if it was asked for once the fault was known there."""

from __future__ import annotations

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers import RenewAnswer
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
