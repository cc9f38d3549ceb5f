"""What the files of a run are called."""

from __future__ import annotations

JOURNAL_NAME = "journal.jsonl"
