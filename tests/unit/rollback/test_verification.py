"""Each host is looked at until a look has settled it, by whatever channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from chaos_runner.fleet.guard_answers.answer import KnownFault
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
from chaos_runner.hosts.channel import HostChannel
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.rollback.verification import Audit, audit_hosts, verified

CLEAN = AuditAnswer(ok=True, verb="audit", clean=True)
NOT_ROOT = AuditAnswer(ok=True, verb="audit", problems=("not root",))
ANOTHER = AuditAnswer(ok=True, verb="audit", problems=("nft: busy",))
DIRTY = AuditAnswer(ok=True, verb="audit", residue=("table chaos_x",), problems=("nft: busy",))
KNOWN = KnownFault(fault="f_1", run="run-1", phase="CLEAN")


@pytest.mark.parametrize(
    ("by_ssh", "by_ansible", "result", "state"),
    [
        (CLEAN, DIRTY, CLEAN, "clean"),
        (NOT_ROOT, CLEAN, CLEAN, "clean"),
        (NOT_ROOT, DIRTY, DIRTY, "dirty"),
        (DIRTY, CLEAN, DIRTY, "dirty"),
        (NOT_ROOT, ANOTHER, NOT_ROOT, "unknown"),
        (NOT_ROOT, "no route", NOT_ROOT, "unknown"),
        ("no route", ANOTHER, ANOTHER, "unknown"),
        ("no route", "cannot log in", "no route", "unknown"),
        ("no route", CLEAN, CLEAN, "clean"),
    ],
)
def test_what_settles_a_host_counts(
    by_ssh: Audit,
    by_ansible: Audit,
    result: Audit,
    state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Sequence[str]] = []

    def audit(channel: HostChannel, hosts: Sequence[str]) -> Mapping[str, Audit]:
        if not isinstance(channel, AnsibleFleet):
            return dict.fromkeys(hosts, by_ssh)
        asked.append(hosts)
        return dict.fromkeys(hosts, by_ansible)

    monkeypatch.setattr("chaos_runner.rollback.verification._over", audit)
    inventory = Inventory(Path("hosts.yml"), {"k1": Host("k1", "127.0.0.1")}, {})
    found = audit_hosts(inventory, ["k1"], cast("AnsibleChannel", None), None)
    assert found == {"k1": result}
    assert bool(asked) is (by_ssh not in (CLEAN, DIRTY))
    assert verified(Reverted("k1", "clean"), found["k1"]).state == state


@pytest.mark.parametrize(
    ("by_open_connection", "logins_that_fail", "state"),
    [(CLEAN, 0, "clean"), (CLEAN, 3, "clean"), (CLEAN, 1000, "unknown"), (DIRTY, 1000, "dirty")],
)
def test_a_host_that_takes_no_new_login_is_not_called_clean(
    by_open_connection: Audit, logins_that_fail: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = FleetRescue([])
    logins: list[HostChannel] = []

    def audit(channel: HostChannel, hosts: Sequence[str]) -> Mapping[str, Audit]:
        if channel is spare:
            return dict.fromkeys(hosts, by_open_connection)
        logins.append(channel)
        refused = len(logins) <= logins_that_fail
        return dict.fromkeys(hosts, "sudo: a directory does not answer" if refused else CLEAN)

    monkeypatch.setattr("chaos_runner.rollback.verification._over", audit)
    monkeypatch.setattr("chaos_runner.rollback.verification.LOGIN_PAUSE", 0.01)
    monkeypatch.setattr("chaos_runner.rollback.verification.LOGIN_PATIENCE", 0.2)
    inventory = Inventory(Path("hosts.yml"), {"k1": Host("k1", "127.0.0.1")}, {})
    found = audit_hosts(inventory, ["k1"], cast("AnsibleChannel", None), spare)
    proved = verified(Reverted("k1", "clean"), found["k1"])
    assert proved.state == state
    assert ("no new login does: sudo" in proved.message) is (state == "unknown")


@pytest.mark.parametrize(
    ("audit", "state", "forgotten"),
    [
        (CLEAN, "unknown", {"f_1": "run-1"}),
        (CLEAN.model_copy(update={"faults": [KNOWN]}), "clean", {}),
        (DIRTY.model_copy(update={"problems": []}), "dirty", {"f_1": "run-1"}),
        (NOT_ROOT, "unknown", {}),
        ("no route", "unknown", {}),
    ],
)
def test_what_a_host_has_forgotten_is_told_by_those_that_could_look(
    audit: Audit, state: str, forgotten: Mapping[str, str]
) -> None:
    found = verified(Reverted("k1", "clean"), audit, {"f_1": "run-1"})
    assert (found.state, found.forgotten) == (state, forgotten)
    assert ("f_1 of run run-1" in found.message) is (audit is CLEAN)
