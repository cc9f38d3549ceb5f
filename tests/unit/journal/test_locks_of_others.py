"""Another user who may read a file can lock it, and keeps nobody from working."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.files import lock_soon
from chaos_runner.gameday.walk_lock import LOCK_NAME, walk_lock, walker_of

_HOLD = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDONLY)
{lock}
print("held", flush=True)
sys.stdin.read()
"""
READING = "fcntl.lockf(descriptor, fcntl.LOCK_SH)"
WHOLE = "fcntl.flock(descriptor, fcntl.LOCK_EX)"


@contextmanager
def held_by_another(path: Path, lock: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(lock=lock), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        process.kill()


def seen_by_another(directory: Path) -> bool:
    """Return whether another process sees that somebody walks through the day."""
    code = (
        "import sys; from pathlib import Path\n"
        "from chaos_runner.gameday.walk_lock import walker_of\nprint(walker_of(Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip() not in ("", "None")


def test_a_lock_for_reading_keeps_nobody_from_a_game_day(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).touch()
    with held_by_another(tmp_path / LOCK_NAME, READING), walk_lock(tmp_path):
        assert seen_by_another(tmp_path)
        mode = stat.S_IMODE((tmp_path / LOCK_NAME).stat().st_mode)
        assert mode == 0o644  # others see who holds it, once nobody can lock it before


def test_a_second_walker_is_still_refused(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from chaos_runner.gameday.walk_lock import walk_lock\n"
        "with walk_lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert walker_of(tmp_path) == process.pid
        with pytest.raises(RefusedError, match=f"process {process.pid} walks"), walk_lock(tmp_path):
            pass
        process.kill()


def test_a_lock_that_is_kept_for_ever_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "gameday.jsonl"
    file.touch()
    with held_by_another(file, WHOLE), file.open("ab") as stream:
        began = time.monotonic()
        assert not lock_soon(stream.fileno(), 0.3)
        assert time.monotonic() - began < 5
    with file.open("ab") as stream:
        assert lock_soon(stream.fileno())
