"""What the files of a run are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

JOURNAL_NAME = "journal.jsonl"
COMPRESSED = ".gz"
"""What `gzip` adds to the name of a journal that it compressed; it is read as any other."""
JOURNAL_NAMES = (JOURNAL_NAME, JOURNAL_NAME + COMPRESSED)

_OF_OURS = re.compile(r"(?:gameday-)?([0-9]{8}-[0-9]{6})-[a-z0-9]+")


def age_order(directory: Path) -> tuple[bool, str]:
    """Return what directories of runs, or of game days, are sorted by, the oldest first.

    The names of ours begin with their time. Any other, or one of the future, is somebody else's,
    and never takes the place of the newest.
    """
    found = _OF_OURS.fullmatch(directory.name)
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d-%H%M%S}"
    return found is not None and found[1] <= tomorrow, directory.name
