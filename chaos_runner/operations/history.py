"""The history of a workspace: its runs, by their index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.history.facts import RunFacts
    from chaos_runner.learning.history.index import History


def history_of(runs_directory: Path, experiment: str = "", newest: int = -1) -> History:
    """Return the runs of a directory, the oldest first; raise UsageError if it cannot be read.

    Those of an experiment where one is named, and at most the `newest`, where that is not negative.
    """
    from chaos_runner.learning.history.index import Selection, index_file, read_history
    from chaos_runner.workspace import state_directory

    index = index_file(state_directory(), runs_directory)
    return read_history(runs_directory, index, read_facts, Selection(experiment, newest))


def read_facts(journal: Path) -> RunFacts:
    """Return the facts of one journal; raise UsageError where it cannot be read."""
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.learning.diagnosis.diagnose import diagnose
    from chaos_runner.learning.history.facts_of_story import facts_of
    from chaos_runner.report.story.report_model import tell_story

    read = read_journal(journal)
    story = tell_story(read)
    deviated = story.verdict == "deviated"
    causes = [each.name for each in diagnose(read, story).causes] if deviated else []
    return facts_of(story, tuple(causes))
