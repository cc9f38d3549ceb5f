"""What follows from the classes of fault kinds, tolerances and checks is written out: current."""

from __future__ import annotations

from chaos_runner.experiment.__main__ import generated_pages
from chaos_runner.faults.__main__ import generated_files


def test_every_generated_file_is_current() -> None:
    stale = [
        str(path)
        for path, text in (generated_files() | generated_pages()).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run scripts/generate"
