"""Diagnose a run from its journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.diagnosis.diagnose import Diagnosis


def diagnose_run(journal: Path) -> Diagnosis:
    """Return what fits a run; raise UsageError where its journal cannot be read."""
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.learning.diagnosis.diagnose import diagnose
    from chaos_runner.report.story.report_model import tell_story

    read = read_journal(journal)
    return diagnose(read, tell_story(read))
