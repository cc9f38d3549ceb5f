"""Look at hosts after a roll-back, and say only what is proved.

A host's own word that its faults are undone is not enough: it may have lost their record. So each
host is audited as well, and any error of that counts as not clean.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
from chaos_runner.hosts.channel import HostChannel, Replies
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.rollback.unproved_faults import Owed

Audit = AuditAnswer | str
"""What a host answered, or why it did not."""
LOGIN_PATIENCE = 45.0
"""Seconds for which new logins may still fail on a host that open connections reach: name servers
and directories are asked again only after a while, and sshd may just be starting."""
LOGIN_PAUSE = 2.0
NOTHING_OWED: Owed = {}
NO_FAULTS: Mapping[str, str] = {}


def verify_hosts(
    inventory: Inventory,
    results: Mapping[str, Reverted],
    ansible: AnsibleChannel,
    spare: FleetRescue | None = None,
    owed: Owed = NOTHING_OWED,
) -> dict[str, Reverted]:
    """Audit the hosts of a roll-back, and return its results with what that shows in them.

    `spare` holds connections from before the faults. `owed` names per host the faults that its
    answer has to know of, since they were put on it. A host is clean only where the roll-back
    said so, knows them all, and the audit could look at everything and found nothing.
    """
    audits = audit_hosts(inventory, list(results), ansible, spare)
    return {
        host: verified(reverted, audits[host], owed.get(host, NO_FAULTS))
        for host, reverted in results.items()
    }


def audit_hosts(
    inventory: Inventory, hosts: Sequence[str], ansible: AnsibleChannel, spare: FleetRescue | None
) -> dict[str, Audit]:
    """Ask every host for residue over a new connection, then with Ansible.

    A host that could not look at everything is asked again like one that gave no answer: what
    stood in the way (no root by that channel, a disk, a lock of a firewall) may not do so then.
    A host that answers over the connections in `spare` alone, which are from before the fault,
    may have lost what a login needs: it is given some time, and then counts as not looked at.
    """
    found = _over_new_logins(inventory, hosts, ansible)
    alive: dict[str, AuditAnswer] = {}
    if spare is not None and (silent := _silent(found, hosts)):
        alive = _answers(_over(spare, silent))
    until = time.monotonic() + LOGIN_PATIENCE
    while (waiting := _silent(found, list(alive))) and time.monotonic() < until:
        time.sleep(LOGIN_PAUSE)
        found = _with_better(found, _over_new_logins(inventory, waiting, ansible))
    for host in _silent(found, list(alive)):
        doubt = f"connections from before reach it, and no new login does: {found.get(host)}"
        found[host] = alive[host] if alive[host].residue else doubt
    return {host: found.get(host, "no answer") for host in hosts}


def _over_new_logins(
    inventory: Inventory, hosts: Sequence[str], ansible: AnsibleChannel
) -> dict[str, Audit]:
    with FleetRescue([inventory.hosts[name] for name in hosts]) as fresh:
        found = _over(fresh, hosts)
    if unsettled := _unsettled(found, hosts):
        anew = AnsibleFleet(ansible, unsettled, fresh_connections=True)
        found = _with_better(found, _over(anew, unsettled))
    return found


def _silent(found: Mapping[str, Audit], hosts: Sequence[str]) -> list[str]:
    return [host for host in hosts if isinstance(found.get(host, ""), str)]


def _answers(found: Mapping[str, Audit]) -> dict[str, AuditAnswer]:
    return {host: audit for host, audit in found.items() if isinstance(audit, AuditAnswer)}


def verified(reverted: Reverted, audit: Audit, owed: Mapping[str, str] = NO_FAULTS) -> Reverted:
    """Return the result of a roll-back with what an audit says about it; it never gets better."""
    forgotten = _forgotten(reverted, audit, owed)
    reverted = replace(reverted, forgotten=forgotten)
    if isinstance(audit, AuditAnswer) and audit.residue:
        message = reverted.message or "chaos-runner left something on the host"
        return replace(reverted, state="dirty", message=message, residue=tuple(audit.residue))
    doubt = _not_looked_at(audit)
    if forgotten and not doubt:
        named = ", ".join(f"{fault} of run {run}" for fault, run in forgotten.items())
        doubt = (
            f"the host no longer knows of {named}, which was put on it, and so cannot prove that "
            "it is gone"
        )
    if reverted.state == "clean" and doubt:
        return replace(reverted, state="unknown", message=doubt)
    return reverted


def _forgotten(reverted: Reverted, audit: Audit, owed: Mapping[str, str]) -> dict[str, str]:
    """Return what a host that could look at its records has not told of; nothing of another."""
    if isinstance(audit, str) or audit.problems:
        return {}
    known = {fault.fault for fault in audit.faults}
    known |= {fault.fault for fault in reverted.answer.faults} if reverted.answer else set()
    return {fault: owed[fault] for fault in sorted(owed) if fault not in known}


def _not_looked_at(audit: Audit) -> str:
    if isinstance(audit, str):
        return f"the host could not be looked at: {audit}"
    if audit.problems:
        return f"the host could not be looked at in full: {'; '.join(audit.problems[:3])}"
    if not (audit.ok and audit.clean):
        return f"the host could not be looked at: {audit.error or 'it does not say why'}"
    return ""


def _unsettled(found: Mapping[str, Audit], hosts: Sequence[str]) -> list[str]:
    return [host for host in hosts if not _is_settled(found.get(host, ""))]


def _is_settled(audit: Audit) -> bool:
    if isinstance(audit, AuditAnswer) and audit.residue:
        return True
    return not _not_looked_at(audit)


def _with_better(found: Mapping[str, Audit], later: Mapping[str, Audit]) -> dict[str, Audit]:
    """Return what was found, with later answers in the place of those that tell less."""
    better = {
        host: audit
        for host, audit in later.items()
        if _is_settled(audit) or isinstance(found.get(host, ""), str)
        if isinstance(audit, AuditAnswer) or host not in found
    }
    return {**found, **better}


def _over(channel: HostChannel, hosts: Sequence[str]) -> dict[str, Audit]:
    """Return what hosts answer to an audit over a channel, or why they do not."""
    replies: Replies[AuditAnswer] = {}
    with Attempt() as attempt:
        replies = channel.audit(hosts)
    if attempt.error:
        return dict.fromkeys(hosts, attempt.problem)
    return {
        host: reply.message if isinstance(reply, ChaosRunnerError) else reply
        for host, reply in replies.items()
    }
