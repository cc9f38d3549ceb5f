"""What the files of a run are called."""

from __future__ import annotations

JOURNAL_NAME = "journal.jsonl"
COMPRESSED = ".gz"
"""What `gzip` adds to the name of a journal that it compressed; it is read as any other."""
JOURNAL_NAMES = (JOURNAL_NAME, JOURNAL_NAME + COMPRESSED)
