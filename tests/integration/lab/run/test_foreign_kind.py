"""A fault kind of another package on a real host: planned, put on, seen, taken back, clean."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.journal.events import FaultEffect, HostVerified
from tests.foreign_kind import installed
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of

EXPERIMENT = """\
title: A broker in maintenance loses nothing
steady_state: {loss: 0%}
phases: {before: 3s, after: 3s}
faults:
  - maintenance_file:
    targets: {hosts: kafka-2}
    duration: 8s
"""


def test_a_kind_of_another_package_runs_like_all(tmp_path: Path, clean_hosts: Path) -> None:
    site = installed(tmp_path / "foreign")
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    plan = chaos_runner("plan", file, "-i", clean_hosts, PYTHONPATH=site)
    assert plan.code == 0, plan.stderr
    assert 'echo "chaos-runner ' in plan.stdout
    done = chaos_runner(
        "run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json", PYTHONPATH=site
    )
    assert done.code == 0, done.stdout + done.stderr
    assert done.json["verdict"] == "held"
    assert [host["state"] for host in done.json["hosts"]] == ["clean"]  # type: ignore[attr-defined]
    journal = str(done.json["journal"])
    (effect,) = events_of(journal, FaultEffect)
    assert effect.seen
    assert [(one.name, one.of) for one in effect.readings] == [("file", "/run/maintenance")]
    (verified,) = events_of(journal, HostVerified)
    (proof,) = verified.proofs
    assert proof.fingerprint_before == proof.fingerprint_after != ""
