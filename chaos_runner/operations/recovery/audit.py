"""Look for anything that chaos-runner left on hosts and on the cluster; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.rollback.rollback import Reverted


@dataclass(frozen=True)
class Audited:
    """What was found on each host that was meant, and on the cluster where a fault was on it."""

    hosts: tuple[Reverted, ...]
    left_out: Mapping[str, str]
    """The hosts that were not asked, each with the reason."""

    @property
    def clean(self) -> bool:
        """Tell whether every host that was meant is clean."""
        return all(each.state == "clean" for each in self.hosts)


def audit_fleet(
    session: FleetSession,
    runs_directory: Path,
    pattern: str | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Audited:
    """Look at the hosts of an Ansible pattern, or at every host and the cluster.

    A host is clean when all of it could be looked at, as root, nothing was found, and it knows of
    every fault that a journal below `runs_directory` says was put on it and not yet proved to be
    off. `report` gets what people should know meanwhile, a line each. Raises UsageError where the
    pattern matches no host.
    """
    from chaos_runner.operations.fleet import chosen_hosts
    from chaos_runner.operations.recovery.cluster_faults import look_on_cluster
    from chaos_runner.operations.recovery.owed import owed_on
    from chaos_runner.rollback.rollback import Reverted
    from chaos_runner.rollback.verification import NO_FAULTS, audit_hosts, verified

    choice = chosen_hosts(session, pattern)
    audits = audit_hosts(session.inventory, choice.hosts, session.ansible, None)
    owed = owed_on(session, runs_directory, report)()
    found = [
        verified(Reverted(host, "clean"), audits[host], owed.get(host, NO_FAULTS))
        for host in choice.hosts
    ]
    found += [Reverted(host, "unknown", message=why) for host, why in choice.unknown.items()]
    if pattern is None and (cluster := look_on_cluster()) is not None:
        found.append(cluster)
    return Audited(tuple(found), dict(choice.left_out))
