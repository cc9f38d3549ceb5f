"""The stories of the journals, told once a test."""

from __future__ import annotations

from chaos_runner.journal.reader import parse_journal
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.report_model import tell_story
from tests.unit.report.journal_writer import JournalWriter


def story_of(journal: JournalWriter, torn: bytes = b"") -> RunStory:
    """Return the story of a journal, `torn` being what stands after its last line."""
    return tell_story(parse_journal(journal.content + torn, "journal.jsonl"))
