"""The covering subset of the crash matrix: every fault, every moment and every death occurs.

The whole matrix: `scripts/crash-matrix`; its table goes to docs/concepts/crash-matrix.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.crash_matrix.cells import CI, DEATHS, FAULTS, MOMENTS, every_cell, not_there
from tests.integration.crash_matrix.deaths import DEATHS as DEEDS
from tests.integration.crash_matrix.host import LAB
from tests.integration.crash_matrix.other_faults import OTHERS
from tests.integration.crash_matrix.results import Results, read_results

REPOSITORY = Path(__file__).resolve().parents[3]
LIMIT = 2100
"""Seconds for the subset; cells on an emulated machine take minutes each."""


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Run the subset once, on all hosts of its own lab at the same time."""
    if os.geteuid() != 0:
        pytest.fail("the crash matrix needs root; `scripts/test unit golden` runs the others")
    file = tmp_path_factory.mktemp("matrix") / "results.jsonl"
    command = [
        sys.executable,
        "-m",
        "tests.integration.crash_matrix",
        "--ci",
        "--results",
        str(file),
    ]
    try:
        subprocess.run(command, check=False, cwd=REPOSITORY, timeout=LIMIT)
    finally:
        down = [sys.executable, "-m", "chaos_runner", "lab", "down", "--name", LAB]
        subprocess.run(down, check=True, cwd=REPOSITORY)
    return read_results(file)


@pytest.mark.timeout(LIMIT + 60)
@pytest.mark.parametrize(("role", "moment", "death"), sorted(CI), ids=lambda part: str(part))
def test_the_host_comes_back(role: str, moment: str, death: str, results: Results) -> None:
    found = [
        result
        for result in results.values()
        if (result.role, result.moment, result.death) == (role, moment, death)
    ]
    assert found, "the cell was not run"
    for result in found:
        assert result.ok, f"{result.cell}: {result.problem}"


def test_the_subset_covers_every_fault_moment_and_death() -> None:
    on_machines = {role for role, other in OTHERS.items() if other.on_machine}
    assert {role for role, _, _ in CI} == set(FAULTS) - on_machines
    assert {moment for _, moment, _ in CI} == {moment.name for moment in MOMENTS}
    assert {death for _, _, death in CI} == set(DEATHS) == set(DEEDS)


def test_every_cell_exists_or_says_why_not() -> None:
    names = [cell.name for cell in every_cell(netem_in_containers=False)]
    assert len(names) == len(set(names))
    triples = {
        (cell.role, cell.moment.name, cell.death) for cell in every_cell(netem_in_containers=False)
    }
    for role in FAULTS:
        for moment in MOMENTS:
            for death in DEATHS:
                assert ((role, moment.name, death) in triples) != bool(
                    not_there(role, moment, death)
                )
