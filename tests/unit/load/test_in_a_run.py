"""What a run makes of a load that ends, or falls silent, before it is to."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.execution.load import load as load_of_run
from chaos_runner.execution.load.load import Load
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.experiment.producer_load import LoadOptions
from chaos_runner.journal.journal import Journal
from chaos_runner.verdict.run_reason import RunReason
from tests.unit.load.test_perf_test import REPORT
from tests.unit.planning.test_planner import planned

FAULT = "  - network_partition:\n    targets: {hosts: kafka-3}\n"


def reason_after(directory: Path, then: str) -> RunReason | None:
    """Let a stand-in for the tool report once, do something, and be ended by the run."""
    plan = planned(directory, FAULT)
    options = LoadOptions(topic="orders", command=["sh", "-c", f"echo '{REPORT}'; {then}"])
    experiment = plan.experiment.model_copy(update={"load": options})
    with closing(Journal(directory / "run")) as journal:
        load = Load(replace(plan, experiment=experiment), journal)
        load.start(Interruption())
        return load.stop()


def test_one_that_goes_on_is_no_reason_for_doubt(tmp_path: Path) -> None:
    assert reason_after(tmp_path, "exec sleep 600") is None


def test_one_that_was_not_heard_of_for_long_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_of_run, "LONGEST_SILENCE", 0.0)
    reason = reason_after(tmp_path, "exec sleep 600")
    assert reason is not None
    assert reason.code == "load_silent"
