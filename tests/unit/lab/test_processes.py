from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from chaos_runner.lab import processes
from tests.waiting import PATIENCE


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def recorded(path: Path, record: processes.ProcessRecord) -> Path:
    path.write_text(json.dumps(asdict(record)))
    return path


def identified(process: subprocess.Popen[bytes]) -> processes.ProcessRecord:
    record = processes.identify(process.pid)
    assert record is not None
    return record


def test_a_recorded_process_is_ended(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    file = recorded(tmp_path / "one.json", identified(sleeper))
    assert processes.recorded_alive(file)
    assert processes.end_recorded(file)
    assert sleeper.wait(PATIENCE) == -9


@pytest.mark.parametrize(
    "another",
    [
        lambda record: replace(record, started=record.started - 1),
        lambda record: replace(record, boot="another boot of the machine"),
    ],
)
def test_another_process_with_the_same_id_is_left_alone(
    sleeper: subprocess.Popen[bytes],
    tmp_path: Path,
    another: Callable[[processes.ProcessRecord], processes.ProcessRecord],
) -> None:
    file = recorded(tmp_path / "one.json", another(identified(sleeper)))
    assert not processes.recorded_alive(file)
    assert processes.end_recorded(file)
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", ["", "{", "{}", '{"pid": 1}', "[1]"])
def test_a_torn_record_names_no_process(tmp_path: Path, content: str) -> None:
    file = tmp_path / "one.json"
    file.write_text(content)
    assert processes.read_record(file) is None
    assert processes.end_recorded(file)


def test_a_zombie_is_not_alive() -> None:
    process = subprocess.Popen(["true"])
    while Path(f"/proc/{process.pid}/stat").read_text().split()[2] != "Z":
        pass
    assert processes.identify(process.pid) is None
    process.wait()


def test_a_process_records_itself(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "one.json"
    script = (
        "import sys; from pathlib import Path; from chaos_runner.lab.processes import *;"
        "record_self(Path(sys.argv[1])); sys.exit(not recorded_alive(Path(sys.argv[1])))"
    )
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)
    assert not processes.recorded_alive(file)
