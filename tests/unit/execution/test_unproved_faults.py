"""Which faults a journal says are still to be proved off."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.rollback.recovery_journal import recoveries_told
from chaos_runner.rollback.unproved_faults import owed_by
from tests.unit.execution.test_recovery_journal import answered, fault
from tests.unit.report import journals
from tests.unit.report.journal_writer import FAULT, RUN, JournalWriter


def runs_with(journal: JournalWriter, directory: Path) -> Path:
    (directory / RUN).mkdir()
    (directory / RUN / "journal.jsonl").write_bytes(journal.content)
    return directory


def test_a_fault_is_owed_from_applied_to_proved_clean(tmp_path: Path) -> None:
    assert owed_by(RUN, runs_with(journals.held(), tmp_path)) == {}


def test_a_killed_run_owes_its_faults_until_a_recovery_proved_them_off(tmp_path: Path) -> None:
    runs = runs_with(journals.killed(), tmp_path)
    assert owed_by(RUN, runs) == {"kafka-4": {FAULT}}
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault())])
    assert owed_by(RUN, runs) == {}


def test_without_a_journal_nothing_is_known(tmp_path: Path) -> None:
    assert owed_by(RUN, tmp_path) is None
