"""What recovering and halting share: take faults back on hosts, look at them, ask again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.operations.fleet import FleetSession

if TYPE_CHECKING:
    from chaos_runner.fleet.guard_answers.answer import KnownFault
    from chaos_runner.fleet.usable_hosts import Choice
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.rollback.recovery_journal import Recoveries
    from chaos_runner.rollback.rollback import Reverted
    from chaos_runner.rollback.unproved_faults import Owed
    from chaos_runner.rollback.verification import Audit

ROUND_PAUSE = 5.0
"""Seconds between two rounds over the hosts that are not clean."""
MOST_NAMED = 10
"""Hosts that a line names of those it waits for."""


@dataclass
class Recovered:
    """What is known of the hosts so far; it grows while they are asked."""

    choice: Choice
    results: dict[str, Reverted] = field(default_factory=dict)
    audits: dict[str, Audit] = field(default_factory=dict)
    ended_by: int = 0
    """The exit code that a signal asks for, or 0."""
    told: list[Path] = field(default_factory=list)
    """The files, beside journals, that what the hosts answered was written to."""
    untold: dict[str, str] = field(default_factory=dict)
    """The runs whose journals could not be told, each with the reason."""
    run_is_unknown: bool = False
    """True when one run was asked for, and neither a journal nor a host knows it."""

    @property
    def hosts(self) -> list[Reverted]:
        """Return the state of every host that was meant; unknown where it did not say."""
        from chaos_runner.rollback.rollback import Reverted

        silent = "it was not asked to the end" if self.ended_by else "no answer"
        return [
            *(
                self.results.get(host) or Reverted(host, "unknown", message=silent)
                for host in self.choice.hosts
            ),
            *(Reverted(host, "unknown", message=why) for host, why in self.choice.unknown.items()),
            *(self.results[host] for host in self.results if host == CLUSTER),
        ]

    def note_journals(self, recoveries: Recoveries) -> None:
        """Note which runs were told, and which could not be."""
        self.told, self.untold = recoveries.paths, dict(recoveries.problems)

    @property
    def clean(self) -> bool:
        """Tell whether every host that was meant is clean."""
        return all(reverted.state == "clean" for reverted in self.hosts)

    def knows(self, run: str) -> bool:
        """Tell whether any host has answered with a fault of a run."""
        answers = [reverted.answer for reverted in self.results.values() if reverted.answer]
        return any(fault.run == run for answer in answers for fault in answer.faults)

    def known_faults(self) -> list[tuple[str, KnownFault]]:
        """Return every host with each fault that it remembers, of whatever run."""
        from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer

        return [
            (host, fault)
            for host, audit in self.audits.items()
            if isinstance(audit, AuditAnswer)
            for fault in audit.faults
        ]

    def hear(self, reverted: Reverted) -> None:
        """Keep what a host says; until it was looked at, that proves nothing."""
        from dataclasses import replace

        doubt = "it says so, but was not looked at before this was ended"
        unproved = replace(reverted, state="unknown", message=f"{reverted.state}: {doubt}")
        self.results[reverted.host] = reverted if reverted.state == "dirty" else unproved


def take_back(
    session: FleetSession,
    choice: Choice,
    which: WhichFaults,
    patience: float,
    recoveries: Recoveries,
    *,
    owed: Callable[[], Owed],
    until_clean: bool,
    report: Callable[[str], None],
    on_cluster: Callable[[], Reverted | None] = lambda: None,
) -> Recovered:
    """Revert on the chosen hosts and look at them; with `until_clean` until all are clean.

    `owed` names per host the faults that it must know of, since they were put on it; it is called
    once hosts have been asked to take back. Rounds that follow ask only the hosts that are not
    clean yet, and name them. `on_cluster` takes back what is on the cluster, and returns how that
    is: after the hosts, whose faults may stand in its way.
    Ctrl-C and SIGTERM end it with what is known. After each round the runs of the faults are told.
    `report` gets what people should know meanwhile, a line each.
    """
    found = Recovered(choice)
    try:
        _take_back(session, which, patience, recoveries, owed, until_clean, found, report)
        _take_back_on_cluster(on_cluster, recoveries, until_clean, found, report)
    except KeyboardInterrupt:
        found.ended_by = 130
    except SystemExit as end:  # how SIGTERM and SIGHUP arrive
        found.ended_by = end.code if isinstance(end.code, int) else 1
    return found


def _take_back(
    session: FleetSession,
    which: WhichFaults,
    patience: float,
    recoveries: Recoveries,
    owed: Callable[[], Owed],
    until_clean: bool,
    found: Recovered,
    report: Callable[[str], None],
) -> None:
    from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
    from chaos_runner.rollback.rollback import roll_back
    from chaos_runner.rollback.verification import NO_FAULTS, audit_hosts, verified

    hosts = list(found.choice.hosts)
    while hosts:
        # A login over SSH costs a third of one by Ansible, which follows where it does not help.
        with FleetRescue([session.inventory.hosts[name] for name in hosts]) as rescue:
            answers = roll_back(
                session.inventory,
                hosts,
                which,
                session.ansible,
                rescue,
                give_up_after=patience,
                on_reverted=found.hear,
                on_trouble=report,
            )
        audits = audit_hosts(session.inventory, hosts, session.ansible, None)
        found.audits |= audits
        known = owed()
        proved = {
            host: verified(answers[host], audits[host], known.get(host, NO_FAULTS))
            for host in hosts
        }
        found.results |= proved
        recoveries.tell(proved.values())
        hosts = [host for host in hosts if proved[host].state != "clean"]
        if not until_clean or not hosts:
            return
        report(f"asked again in {ROUND_PAUSE:g} s, for not clean yet: {_named(hosts, proved)}")
        time.sleep(ROUND_PAUSE)


def _take_back_on_cluster(
    on_cluster: Callable[[], Reverted | None],
    recoveries: Recoveries,
    until_clean: bool,
    found: Recovered,
    report: Callable[[str], None],
) -> None:
    while (reverted := on_cluster()) is not None:
        found.results[reverted.host] = reverted
        recoveries.tell([reverted])
        if not until_clean or reverted.state == "clean":
            return
        report(f"asked again in {ROUND_PAUSE:g} s, for {reverted.host} is {reverted.state}")
        time.sleep(ROUND_PAUSE)


def _named(hosts: list[str], results: Mapping[str, Reverted]) -> str:
    named = "; ".join(
        f"{host} {results[host].state} ({results[host].message})" for host in hosts[:MOST_NAMED]
    )
    more = len(hosts) - MOST_NAMED
    return named + (f"; and {more} more" if more > 0 else "")
