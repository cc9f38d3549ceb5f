"""The stop of the live page, on a real run: it ends in order, and everything is halted."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from chaos_runner.journal.events import HostVerified, RunFinished
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import running
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.live_server import live_server
from tests.waiting import PATIENCE


@pytest.mark.whole  # test_live_page.py of the sandbox shows the stop, with a stand-in for the run
def test_a_stop_ends_a_run_and_halts(
    tmp_path: Path, clean_hosts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    runs = tmp_path / "runs"
    runs.mkdir()
    file = experiment_file(tmp_path, "network_partition: {}", duration="240s")
    with (
        live_server(tmp_path, inventory=clean_hosts) as server,
        running(file, clean_hosts, runs) as run,
    ):
        headers = {
            "Authorization": f"Bearer {server.act}",
            "Content-Type": "application/json",
            "Origin": server.url.rstrip("/"),
        }
        body = {"name": "Anna", "reason": "orders fail"}
        answer = httpx2.post(f"{server.url}stop", headers=headers, json=body)
        assert answer.json() == {"done": "stopping"}
        assert run.wait(PATIENCE) == 143
        url = f"{server.url}events"
        with httpx2.stream("GET", url, headers=headers, timeout=PATIENCE) as stream:
            assert any('"state":"clean"' in line for line in stream.iter_lines())
    journal = next(runs.glob("*/journal.jsonl"))
    assert [each.state for each in events_of(journal, HostVerified)] == ["clean"]
    assert len(events_of(journal, RunFinished)) == 1
    refused = chaos_runner("run", file, "-i", clean_hosts, "--runs", runs, "--yes")
    assert refused.code == 4
    assert "orders fail (Anna, on the live page)" in refused.stderr
    assert chaos_runner("resume", "-i", clean_hosts).code == 0
