"""Halting works here before any host is asked, whatever state the inventory is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import ChaosRunnerError, RefusedError
from chaos_runner.execution.stopping.halt_switch import refuse_if_down
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.usable_hosts import Choice
from chaos_runner.operations.recovery.audit import Audited
from chaos_runner.operations.recovery.halt import Halted, Resumed, halt_fleet, resume_fleet
from chaos_runner.operations.recovery.take_back import Recovered
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.workspace import NamedInventory, state_directory


@pytest.fixture
def broken(tmp_path: Path) -> NamedInventory:
    """Return an inventory that cannot be read."""
    file = tmp_path / "hosts.yml"
    file.write_text("all: [", encoding="utf-8")
    return NamedInventory((file,))


def test_a_broken_inventory_is_halted_here_and_resumed(
    broken: NamedInventory, tmp_path: Path
) -> None:
    (source,) = broken.sources
    with pytest.raises(ChaosRunnerError, match="no host was asked; runs on it are halted here"):
        halt_fleet(broken, "customers call", tmp_path)
    with pytest.raises(RefusedError, match="customers call"):
        refuse_if_down(source, state_directory())
    assert resume_fleet(broken, only_here=True) == Resumed(was_halted_here=True)
    refuse_if_down(source, state_directory())
    assert not resume_fleet(broken, only_here=True).was_halted_here


def test_resuming_says_what_was_lifted_here_though_no_host_can_be_asked(
    broken: NamedInventory, tmp_path: Path
) -> None:
    with pytest.raises(ChaosRunnerError):
        halt_fleet(broken, "", tmp_path)
    with pytest.raises(ChaosRunnerError, match="may still be halted; runs may start from here"):
        resume_fleet(broken)
    with pytest.raises(ChaosRunnerError, match="nothing was halted here"):
        resume_fleet(broken)


def test_hosts_that_do_not_keep_it_are_named() -> None:
    answer = RevertAnswer(ok=True, state="clean", halt_error="no room")
    hosts = {"k1": Reverted("k1", "clean", answer=answer), "k2": Reverted("k2", "clean")}
    halted = Halted(Recovered(Choice(("k1", "k2")), hosts))
    assert halted.not_halted == {"k1": "no room"}
    assert halted.recovered.clean


def test_a_host_that_could_not_be_looked_at_makes_no_audit_clean() -> None:
    clean, unknown = Reverted("k1", "clean"), Reverted("k2", "unknown")
    assert Audited((clean,), {}).clean
    assert not Audited((clean, unknown), {}).clean
    assert Resumed(True, {"k1": "", "k2": "no answer"}).still_halted == {"k2": "no answer"}
