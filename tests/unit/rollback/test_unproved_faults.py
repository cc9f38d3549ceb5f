"""Which faults a journal says are still to be proved off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.journal.events import FaultApplied, HostChecked, HostVerified
from chaos_runner.rollback.recovery_journal import recoveries_told
from chaos_runner.rollback.unproved_faults import Owed, owed_by, owed_here
from tests.unit.report import journals
from tests.unit.report.journal_writer import FAULT, RUN, JournalWriter, latency_fault
from tests.unit.rollback.test_recovery_journal import answered, fault


def runs_with(journal: JournalWriter, directory: Path) -> Path:
    (directory / RUN).mkdir()
    (directory / RUN / "journal.jsonl").write_bytes(journal.content)
    return directory


def test_a_fault_is_owed_from_applied_to_proved_clean(tmp_path: Path) -> None:
    assert owed_by(RUN, runs_with(journals.held(), tmp_path)) == {}


def test_a_killed_run_owes_its_faults_until_a_recovery_proved_them_off(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    assert owed_by(RUN, runs) == {"kafka-4": {FAULT: RUN}}
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault())])
    assert owed_by(RUN, runs) == {}


def test_without_a_journal_nothing_is_known(tmp_path: Path) -> None:
    assert owed_by(RUN, tmp_path) is None


def test_what_was_put_on_after_a_recovery_is_owed_still(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    with recoveries_told(runs, "halt") as recoveries:
        recoveries.tell([answered(fault())])
    written = runs / RUN / "journal.jsonl"
    later = datetime.now(UTC) + timedelta(seconds=1)
    again = FaultApplied(host="kafka-4", fault="f9", at=later, lease=20, fingerprint="a")
    lines = written.read_bytes().splitlines()[:-1]  # the last is torn
    written.write_bytes(b"\n".join([*lines, again.model_dump_json().encode(), b""]))
    assert owed_by(RUN, runs) == {"kafka-4": {"f9": RUN}}


@pytest.mark.parametrize("set_by", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_was_set_meanwhile_changes_no_order(tmp_path: Path, set_by: timedelta) -> None:
    runs = runs_with(journals.held(), tmp_path)
    written = runs / RUN / "journal.jsonl"
    lines = written.read_bytes().splitlines(keepends=True)
    end = datetime.now(UTC) + timedelta(days=1)
    verified = HostVerified(host="kafka-4", state="clean", at=end)
    applied = FaultApplied(host="kafka-4", fault="f9", at=end - set_by, lease=20, fingerprint="a")
    for order, owed in (((verified, applied), {"kafka-4": {"f9": RUN}}), ((applied, verified), {})):
        written.write_bytes(
            b"".join([*lines[:-1], *(each.model_dump_json().encode() + b"\n" for each in order)])
        )
        assert owed_by(RUN, runs) == owed
        assert owed_here(runs, lambda _: True, print) == owed


def test_of_a_journal_with_torn_lines_the_others_count(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    written = runs / RUN / "journal.jsonl"
    first, second, *rest = written.read_bytes().splitlines(keepends=True)
    for torn in ([first[40:], second], [first, b"\0" * 500 + b"\n", second], []):
        written.write_bytes(b"".join([*torn, *rest]))
        assert owed_by(RUN, runs) == {"kafka-4": {FAULT: RUN}}
    applied = next(place for place, line in enumerate(rest) if b'"fault_applied"' in line)
    written.write_bytes(b"".join([first, second, *rest[:applied], b"{", *rest[applied:][1:]]))
    assert owed_by(RUN, runs) == {"kafka-4": {FAULT: RUN}}
    written.write_bytes(b"")
    assert owed_by(RUN, runs) is None


LATER = "20261125-090000-kbbbbbbb"


def of_every_run(runs: Path) -> Owed:
    said: list[str] = []
    found = owed_here(runs, lambda _: True, said.append)
    assert said == []
    return found


def test_of_every_run_what_was_never_proved_off_is_owed_with_its_run(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    (runs / LATER).mkdir()
    (runs / LATER / "journal.jsonl").write_bytes(journals.held().content)
    assert of_every_run(runs) == {"kafka-4": {FAULT: RUN}}
    assert owed_here(runs, lambda _: False, print) == {}
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault())])
    assert of_every_run(runs) == {}


@pytest.mark.parametrize(
    ("phase", "residue", "owed"),
    [("CLEAN", [], False), ("ACTIVE", [], True), ("CLEAN", ["x"], True)],
)
def test_a_later_run_that_found_the_fault_over_and_nothing_left_has_proved_it(
    tmp_path: Path, phase: str, residue: list[str], owed: bool
) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    known = [{"fault": FAULT, "run": RUN, "kind": "network_latency", "phase": phase}]
    facts = PreflightFacts.model_validate({"ok": True, "faults": known, "residue": residue})
    later = JournalWriter()
    later.start([latency_fault()], run=LATER)
    later.add(HostChecked, 100.0, host="kafka-4", facts=facts)
    (runs / LATER).mkdir()
    (runs / LATER / "journal.jsonl").write_bytes(later.content)
    assert of_every_run(runs) == ({"kafka-4": {FAULT: RUN}} if owed else {})


def test_a_journal_that_cannot_be_read_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    (runs / LATER).mkdir()
    (runs / LATER / "journal.jsonl.gz").write_bytes(b"no gzip")
    said: list[str] = []
    assert owed_here(runs, lambda _: True, said.append) == {"kafka-4": {FAULT: RUN}}
    assert len(said) == 1 and f"what run {LATER} has put on hosts is not known" in said[0]


def test_of_a_run_that_ended_with_every_host_clean_only_the_end_is_read(tmp_path: Path) -> None:
    runs = runs_with(journals.held(), tmp_path)
    written = runs / RUN / "journal.jsonl"
    *before, last = written.read_bytes().splitlines(keepends=True)
    put_on = b"".join(line for line in before if b'"host_verified"' not in line)
    assert b'"exit_code":0' in last
    written.write_bytes(put_on + last)
    assert of_every_run(runs) == {}
    for end in (last.replace(b'"exit_code":0', b'"exit_code":10'), last[:-40], b""):
        written.write_bytes(put_on + end)
        assert of_every_run(runs) == {"kafka-4": {FAULT: RUN}}
