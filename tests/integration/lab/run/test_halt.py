"""`halt` ends everything and lets nothing start, from any controller, until `resume`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.test_interrupted_runs import is_clean, running
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.waiting import PATIENCE

WHY = "the boss is watching"


@pytest.fixture
def own_state(tmp_path: Path, clean_hosts: Path) -> Iterator[str]:
    """Return a directory in which this test's switch lies; turn every one off at the end."""
    state = str(tmp_path / "state")
    yield state
    resumed = chaos_runner("resume", "-i", clean_hosts, XDG_STATE_HOME=state)
    assert resumed.code == 0, resumed.stderr


# Halting a host: tests/integration/sandbox/commands; a run that may not start: tests/unit.
@pytest.mark.whole
def test_nothing_starts_after_halt_until_resume(
    tmp_path: Path, clean_hosts: Path, own_state: str
) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", duration="120s")
    with running(file, clean_hosts, tmp_path) as process:
        halted = chaos_runner(
            "halt", "the boss is watching", "-i", clean_hosts, XDG_STATE_HOME=own_state
        )
        assert halted.code == 0, halted.stdout + halted.stderr
        assert is_clean(clean_hosts)
        assert process.wait(timeout=PATIENCE) == 3, "the fault was taken away: inconclusive"

    wanted = ("run", file, "-i", clean_hosts, "--runs", tmp_path)
    here = chaos_runner(*wanted, XDG_STATE_HOME=own_state)
    assert here.code == 4
    assert WHY in here.stderr
    elsewhere = chaos_runner(*wanted)
    assert elsewhere.code == 4
    assert WHY in elsewhere.stderr

    resumed = chaos_runner("resume", "-i", clean_hosts, XDG_STATE_HOME=own_state)
    assert resumed.code == 0, resumed.stderr
    assert chaos_runner("plan", file, "-i", clean_hosts, XDG_STATE_HOME=own_state).code == 0
