"""Which runs the hosts of an inventory have to know of, wherever its file lies by now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.journal.reader import read_start
from chaos_runner.operations.recovery.owed import was_on
from tests.unit.fleet_blast.clusters import inventory
from tests.unit.report import journals


@pytest.mark.parametrize(
    ("read_from", "now", "made", "counts"),
    [
        ("prod/hosts", "prod/hosts", 0.0, True),
        ("prod/hosts", "prod", 0.0, True),
        ("prod", "prod/hosts", 0.0, True),
        ("prod/hosts", "stage/hosts", 0.0, False),
        ("moved/hosts", "prod/hosts", 0.0, True),
        ("moved/hosts", "prod/hosts", 5.0, False),  # a lab's, which was made anew
        ("prod/hosts", "prod/hosts", 2e9, False),
        ("10.0.0.1,", "prod/hosts", 0.0, False),
    ],
)
def test_a_run_counts_by_the_file_that_it_was_on(
    tmp_path: Path, read_from: str, now: str, made: float, *, counts: bool
) -> None:
    for name in ("prod", "stage"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hosts").touch()
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journals.held().content)
    place = read_from if "," in read_from else str(tmp_path / read_from)
    started = read_start(journal).model_copy(update={"inventory": place})
    fleet = replace(inventory(), source=tmp_path / now)
    assert was_on(started, fleet, made) is counts
