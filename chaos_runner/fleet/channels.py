"""Judge the two channels to a host before it is touched: Ansible's, and SSH of our own.

Pure functions of what the host guard answered over each: to `preflight` over Ansible, and over SSH
to `identify`, for nothing on the host need be looked at a second time. A fault is put on by Ansible
and kept on over SSH; where only one of them works it ends by its lease, and with one way back less.
"""

from __future__ import annotations

from chaos_runner.fleet.guard_answers.preflight_facts import HostIdentity
from chaos_runner.fleet.preflight import Problem

SshAnswer = HostIdentity | Problem
"""What a host answered over the SSH channel, or why it did not."""

ONE_CHANNEL_HINT = "mend it, or accept one way back less with --one-channel"


def unreached_by_ssh(answer: SshAnswer) -> Problem | None:
    """Return why the SSH channel cannot work on a host, or None where it can."""
    if isinstance(answer, Problem):
        hint = "; ".join(filter(None, (answer.hint, ONE_CHANNEL_HINT)))
        return Problem(f"Ansible reaches it, the SSH channel does not: {answer.text}", hint)
    if not answer.ok:
        hint = "; ".join(filter(None, (answer.hint, ONE_CHANNEL_HINT)))
        why = answer.error or "no reason"
        return Problem(f"the guard cannot work over the SSH channel: {why}", hint)
    if not answer.root:
        return Problem(
            "the SSH channel does not become root on it",
            "set `ansible_become: true` for it in the inventory, and let its user sudo without "
            f"a password; {ONE_CHANNEL_HINT}",
        )
    return None


def different_machines(by_ansible: HostIdentity, by_ssh: SshAnswer) -> Problem | None:
    """Return a problem where the channels lead to two machines, by their boots' identities."""
    if isinstance(by_ssh, Problem) or not (by_ansible.boot_id and by_ssh.boot_id):
        return None
    if by_ansible.boot_id == by_ssh.boot_id:
        return None
    return Problem(
        "the two channels reach different machines: Ansible "
        f"`{by_ansible.hostname}`, SSH `{by_ssh.hostname}`",
        "look at its address, port and proxy in the inventory and in the ssh configuration",
    )
