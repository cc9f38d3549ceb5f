"""Accept a host as it is now, where it is right so.

An administrator may have changed on purpose what a fault answers for. Then the host is not as it
was, and never will be; that somebody said so is written down, on the host and beside the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.operations.recovery.take_back import Recovered
    from chaos_runner.rollback.recovery_journal import Recoveries
    from chaos_runner.rollback.rollback import Reverted
    from chaos_runner.rollback.unproved_faults import Owed

ACCEPTABLE = frozenset({"DIRTY", "RETURNING", "UNKNOWN"})
"""The phases in which a fault can be accepted: undone, or nobody knows how it was before."""


@dataclass(frozen=True)
class Difference:
    """One line in which a host is not as it was before a fault."""

    host: str
    fault: str
    line: str


def differences_of(found: Recovered) -> list[Difference]:
    """Return what could be accepted; the safeguard refuses where something of ours is left."""
    found_now = [
        Difference(reverted.host, f"{fault.kind} of run {fault.run}", line)
        for reverted in found.hosts
        if reverted.state == "dirty" and reverted.answer
        for fault in reverted.answer.faults
        if fault.phase in ACCEPTABLE
        for line in fault.differences or ["how the host was before is not known"]
    ]
    forgotten = [
        Difference(reverted.host, f"{fault} of run {run}", "the host no longer knows of it")
        for reverted in found.hosts
        for fault, run in reverted.forgotten.items()
    ]
    return [*found_now, *forgotten]


def accept(
    session: FleetSession,
    which: WhichFaults,
    differing: Mapping[str, Reverted],
    owed: Owed,
    recoveries: Recoveries,
) -> dict[str, Reverted]:
    """Have hosts accept what differs, look at each again, and write down what was accepted.

    What a host has forgotten of the faults that are `owed` is accepted here, once nothing else is
    in doubt on it; but only what was shown to be forgotten.
    """
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
    from chaos_runner.rollback.rollback import Reverted
    from chaos_runner.rollback.verification import audit_hosts, verified

    hosts = list(differing)
    with FleetRescue([session.inventory.hosts[name] for name in hosts]) as rescue:
        answers = rescue.accept(which)
        audits = audit_hosts(session.inventory, hosts, session.ansible, rescue)
    results: dict[str, Reverted] = {}
    for host, answer in answers.items():
        if isinstance(answer, ChaosRunnerError):
            results[host] = Reverted(host, "unknown", message=answer.message)
            continue
        if answer.ok and answer.state == "clean":
            said = Reverted(host, "clean", "ssh", answer)
        else:
            message = answer.error or "not all of it could be accepted"
            said = Reverted(host, "dirty", "ssh", answer, message)
        shown = differing[host].forgotten
        still = {fault: run for fault, run in owed.get(host, {}).items() if fault not in shown}
        results[host] = verified(said, audits[host], still)
    recoveries.tell(results.values())
    for host, reverted in results.items():
        if reverted.state == "clean":
            recoveries.tell_forgotten(host, differing[host].forgotten)
    return results
