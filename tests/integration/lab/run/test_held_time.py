"""What the verdict says of a fault's time is what the host itself has on record."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from chaos_runner.journal.events import HostVerified, RunFinished
from chaos_runner.wording.run_reasons import run_reason_words
from tests.integration.conftest import LAB_INVENTORY, chaos_runner, set_link
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import journal_of, running
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.waiting import PATIENCE

HOST = "kafka-2"
LEASE = 8


# Renewals that fail end the hold: tests/unit/execution/test_fault_context.py.
@pytest.mark.whole
def test_a_run_whose_every_renewal_fails_never_says_held(tmp_path: Path, clean_hosts: Path) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", "90s", extra=f"lease: {LEASE}s\n")
    with running(file, clean_hosts, tmp_path) as process:
        set_link(HOST, "down")
        try:
            time.sleep(LEASE + 15)
        finally:
            set_link(HOST, "up")
        code = process.wait(timeout=PATIENCE)
    journal = journal_of(tmp_path)
    assert journal is not None
    (finished,) = events_of(journal, RunFinished)
    assert (code, finished.verdict) == (3, "inconclusive"), finished
    assert any("lease" in run_reason_words(reason) for reason in finished.reasons), finished.reasons
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]


@pytest.fixture
def keys_unknown_to_ssh(tmp_path: Path) -> Path:
    """Return the lab's inventory, told to take host keys unseen."""
    inventory = tmp_path / "inventory"
    shutil.copytree(LAB_INVENTORY, inventory)
    variables = inventory / "host_vars" / f"{HOST}.yml"
    variables.parent.mkdir()
    variables.write_text(
        "ansible_ssh_common_args: '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n"
    )
    return inventory


def test_a_host_whose_key_is_not_known_is_refused_whatever_the_inventory_says(
    tmp_path: Path, clean_hosts: Path, keys_unknown_to_ssh: Path
) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", "8s")
    for command in (("plan",), ("run", "--runs", tmp_path / "runs")):
        done = chaos_runner(*command, file, "-i", keys_unknown_to_ssh)
        assert done.code == 4, done.stdout + done.stderr
        assert HOST in done.stderr
        assert "the host's SSH key is not known" in done.stderr
        assert "/dev/null" not in done.stderr
    assert not list((tmp_path / "runs").glob("*"))
