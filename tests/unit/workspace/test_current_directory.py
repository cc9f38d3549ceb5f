"""No module of Python's or of ours is taken from the directory where a command is started."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import chaos_runner
from chaos_runner.kafka.probe import process
from chaos_runner.kafka.survey import process as survey_process

PACKAGE = Path(chaos_runner.__file__).parent


@pytest.mark.parametrize("command", [list(process.HERE.words), survey_process._COMMAND])
def test_a_child_takes_no_module_from_there(command: Sequence[str], tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    trap = f"open({str(marker)!r}, 'w')\n"
    (tmp_path / "chaos_runner" / "kafka").mkdir(parents=True)
    for name in ("chaos_runner/__init__", "confluent_kafka", "select", "json", "pydantic"):
        (tmp_path / f"{name}.py").write_text(trap, encoding="utf-8")
    subprocess.run(command, cwd=tmp_path, input=b"", capture_output=True, timeout=300, check=False)
    assert not marker.exists()


def test_no_child_of_python_is_started_otherwise() -> None:
    starts = [
        f"{file}: {line.strip()}"
        for file in PACKAGE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r'executable.*"-m"', line)
    ]
    assert len(starts) >= 4, "or nothing was looked at"
    assert [line for line in starts if '"-P", "-m"' not in line] == []
