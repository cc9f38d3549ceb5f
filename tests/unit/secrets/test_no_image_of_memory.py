"""Where a process with secrets dies, its memory is left on no disk."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from chaos_runner.threads.background import Background

_ENDED_BY_THE_MEMORY = """
import ctypes, resource, threading
from chaos_runner.own_process import keep_secrets
keep_secrets(512 * 1024**2)
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[0])
waiting = threading.Event()
threads = [threading.Thread(target=waiting.wait, daemon=True) for _ in range(200)]
for each in threads:
    each.start()
try:
    bytearray(512 * 1024**2)
except MemoryError:
    print("no more")
"""


@pytest.fixture
def images_allowed() -> Iterator[None]:
    """Let what is started leave images of its memory, as many machines do."""
    limit, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (limit, most))


def core_limit_of(process: int) -> str:
    limits = Path(f"/proc/{process}/limits").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in limits if line.startswith("Max core file size"))
    return line.split()[4]


@pytest.mark.usefixtures("images_allowed")
def test_a_probe_that_crashes_leaves_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        server = f"127.0.0.1:{deaf.getsockname()[1]}"
        settings = ProbeSettings(run="test", bootstrap_servers=server)
        probe = Probe(settings, lambda _: None)

        def start() -> None:
            probe.start(timeout=60)

        starting = Background("starting", start)
        starting.start()
        deaf.accept()[0].close()  # it is past its beginning, and has its secrets
        assert core_limit_of(probe.process) == "0"
        os.kill(probe.process, signal.SIGSEGV)
        starting.join()
    assert isinstance(starting.error, ProbeError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("images_allowed")
def test_neither_does_the_command_line_nor_what_it_starts(tmp_path: Path) -> None:
    code = (
        "import os, sys; sys.argv = ['chaos-runner', '--version']\n"
        "from chaos_runner.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    os.abort()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_no_program_that_collects_crashes_gets_one_and_memory_has_an_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENDED_BY_THE_MEMORY],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["0 0", "no more"]
