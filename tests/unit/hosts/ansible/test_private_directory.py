"""Directories of killed processes are swept, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from chaos_runner.hosts.ansible.private_directory import private_directory, sweep
from tests.waiting import PATIENCE

KILLED = """
import sys, time
from pathlib import Path
from chaos_runner.hosts.ansible.private_directory import make_private_directory
directory, lock = make_private_directory(Path(sys.argv[1]))
(directory / "file").write_text("left")
print(directory, flush=True)
time.sleep(600)
"""


def test_what_a_killed_process_leaves_is_swept_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    sweep(tmp_path)
    assert left.is_dir(), "its owner lives"
    worker = subprocess.Popen(
        ["sleep", "600"], env={**os.environ, "AWX_ISOLATED_DATA_DIR": f"{left}/artifacts/run"}
    )
    process.kill()
    process.wait()
    process.stdout.close()
    with private_directory(tmp_path) as own:
        sweep(tmp_path)
        assert not left.exists()
        assert own.is_dir()
        assert worker.wait(PATIENCE) == -signal.SIGKILL
    assert list(tmp_path.glob("*cr-*")) == []


def test_others_and_links_are_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / "cr-link").symlink_to(elsewhere)
    open_to_all = tmp_path / "cr-open"
    open_to_all.mkdir(mode=0o755)
    (tmp_path / "cr-file").write_text("", encoding="utf-8")
    sweep(tmp_path)
    assert elsewhere.is_dir()
    assert open_to_all.is_dir()
    assert (tmp_path / "cr-file").is_file()
