"""How `recover` ends: what was heard, what was looked at, and runs that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from chaos_runner.cli.text.output import Output
from chaos_runner.cli.text.recovery import print_results, raise_unknown_run, raise_unless_clean
from chaos_runner.errors import HostsNotCleanError, UsageError
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.usable_hosts import Choice
from chaos_runner.operations.recovery.recover import refuse_what_is_no_run
from chaos_runner.operations.recovery.take_back import Recovered
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.rollback.verification import verified

RUN = "20261123-144500-k3f9a2c1"
OTHER = "20261124-090000-kaaaaaaa"


def fault(run: str, phase: str) -> dict[str, object]:
    return {"fault": "f1", "run": run, "kind": "network_partition", "phase": phase}


def audit(*faults: dict[str, object], residue: Sequence[str] = ()) -> AuditAnswer:
    fields = {"ok": True, "verb": "audit", "clean": not residue, "residue": residue}
    return AuditAnswer.model_validate({**fields, "faults": faults})


def recovered(answer: AuditAnswer, *faults: dict[str, object]) -> Recovered:
    """Return what is known of one host, which said clean and was looked at."""
    said = RevertAnswer.model_validate({"ok": True, "state": "clean", "faults": faults})
    result = verified(Reverted("k1", "clean", "ansible", said), answer)
    return Recovered(Choice(("k1",)), {"k1": result}, {"k1": answer})


def test_a_run_that_no_host_knows_is_an_error_of_usage() -> None:
    with pytest.raises(UsageError, match="no host knows a run `x`; nor any other"):
        raise_unknown_run("x", recovered(audit()))


def test_the_runs_that_are_there_are_named() -> None:
    busy = recovered(audit(fault(OTHER, "ACTIVE"), residue=["table inet chaos_f1"]))
    with pytest.raises(UsageError) as raised:
        raise_unknown_run(RUN, busy)
    assert f"{OTHER} (network_partition on k1: ACTIVE)" in raised.value.message


def test_residue_without_a_fault_of_a_run_wins() -> None:
    with pytest.raises(HostsNotCleanError, match="no host knows a run"):
        raise_unknown_run(RUN, recovered(audit(residue=["table inet chaos_x"])))


def test_a_host_that_gave_no_answer_may_have_known_the_run() -> None:
    with pytest.raises(HostsNotCleanError, match="no host knows a run"):
        raise_unknown_run(RUN, Recovered(Choice(("k1",))))


def test_a_known_run_on_a_clean_host_raises_nothing() -> None:
    found = recovered(audit(), fault(RUN, "CLEAN"))
    assert found.knows(RUN)
    assert not found.knows(OTHER)
    raise_unless_clean(found)


def test_after_a_signal_what_was_heard_is_told_and_proves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = Recovered(Choice(("k1", "k2"), left_out={"here": "its connection is local"}))
    found.hear(Reverted("k1", "clean"))
    found.ended_by = 130
    print_results(found, Output.text)
    assert capsys.readouterr().out.splitlines() == [
        "k1: unknown, clean: it says so, but was not looked at before this was ended",
        "k2: unknown, it was not asked to the end",
        "here: left out, its connection is local",
    ]
    with pytest.raises(typer.Exit) as ended:
        raise_unless_clean(found)
    assert ended.value.exit_code == 130


def test_hosts_add_no_lines_of_their_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = recovered(audit(residue=["\x1b[2J\nk2: clean"]))
    print_results(found, Output.text)
    assert "  left there: \\x1b[2J\\nk2: clean" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("k1", "`k1` is a host, not a run"),
        ("kafka_broker", "is a group, not a run"),
        ("a b", "is no id of a run"),
        ("--all; reboot", "is no id of a run"),
        ("../..", "is no id of a run"),
    ],
)
def test_what_is_no_run_is_refused_before_a_host_is_asked(run: str, words: str) -> None:
    fleet = Inventory(Path("hosts"), {"k1": Host("k1", "198.18.0.11")}, {"kafka_broker": ("k1",)})
    with pytest.raises(UsageError, match=words):
        refuse_what_is_no_run(run, fleet)
    refuse_what_is_no_run(RUN, fleet)
