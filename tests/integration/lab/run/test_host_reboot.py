"""A host that a run restarts is away, which is no vanished fault, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultReverted, HostVerified, RunFinished
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import journal_of
from tests.integration.lab.run.test_three_faults import experiment_file


# Left out of CI, where tests/integration/sandbox/host/test_host_reboot.py stands for it.
@pytest.mark.whole
def test_a_restart_is_the_fault_and_no_early_end(tmp_path: Path, clean_hosts: Path) -> None:
    file = experiment_file(tmp_path, "host_reboot: {}", "30s", extra="lease: 8s\n")
    done = chaos_runner("run", "--runs", tmp_path, file, "-i", clean_hosts)
    journal = journal_of(tmp_path)
    assert journal is not None, done.stdout + done.stderr
    (finished,) = events_of(journal, RunFinished)
    assert not [reason for reason in finished.reasons if reason.code.startswith("fault_")]
    (reverted,) = events_of(journal, FaultReverted)
    assert reverted.by in ("boot", "revert")
    (verified,) = events_of(journal, HostVerified)
    assert verified.state == "clean", verified
    assert "since_restart" in [reading.name for reading in verified.proofs[0].readings]
