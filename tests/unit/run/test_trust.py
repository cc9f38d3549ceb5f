"""A stranger's experiment reaches for nothing of the user's, until the user says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.run.trust import require_trust

FAULT = "faults:\n  - network_partition:\n    duration: 60s\n"


def written(directory: Path, more: str) -> Path:
    file = directory / "experiment.yml"
    file.write_text(f"title: From a stranger\n{FAULT}{more}", encoding="utf-8")
    return file


def test_what_reaches_for_nothing_needs_no_trust(tmp_path: Path) -> None:
    (tmp_path / "client.properties").write_text("acks=all\n")
    more = "kafka: {properties_file: client.properties, properties: {linger.ms: 5}}\n"
    file = written(tmp_path, f"{more}guards:\n  - availability: 90%\n")
    require_trust(load_experiment(file), file, trusted=False)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("guards:\n  - command: [./check.sh, --now]\n", "guard 1 runs `./check.sh --now` as you"),
        (
            "kafka: {properties: {sasl.password: '${env:AWS_SECRET}'}}\n",
            "kafka.properties reads `${env:AWS_SECRET}` for sasl.password",
        ),
        ("kafka: {properties_file: /etc/kafka/admin.properties}\n", "/etc/kafka/admin.properties"),
        ("kafka: {properties_file: ../mine.properties}\n", "which lies elsewhere"),
        ("kafka: {properties_file: sly.properties}\n", "sly.properties:2 refers to"),
    ],
)
def test_each_reach_is_named_and_refused(tmp_path: Path, more: str, named: str) -> None:
    (tmp_path / "sly.properties").write_text("acks=all\nsasl.password=${file:/etc/shadow:root}\n")
    file = written(tmp_path, more)
    with pytest.raises(RefusedError) as refused:
        require_trust(load_experiment(file), file, trusted=False)
    assert named in str(refused.value)
    assert "--trust" in refused.value.hint
    require_trust(load_experiment(file), file, trusted=True)
