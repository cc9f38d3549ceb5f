"""Put a program in place of ssh that listens to a host only so long; see bounded_ssh.py."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from chaos_runner.hosts.ansible import bounded_ssh

MOST_SAID = 131_072
"""Bytes that a host may answer to one step of a play; an honest answer has some thousands.

Ansible hands them on as text and as a list of lines, in JSON and then in base64, so that this side
holds some eight times as many for a while.
"""


def bounded_programs(directory: Path, executables: Iterable[str]) -> dict[str, str]:
    """Return for each ssh the path of a program in `directory` that runs it within the limit.

    Where nothing in that directory may be started (a file system mounted so), it is the ssh itself.
    """
    return {
        executable: _written(directory / f"ssh-{number}", executable)
        for number, executable in enumerate(sorted(executables))
    }


def _written(file: Path, executable: str) -> str:
    words = (sys.executable, "-I", "-S", bounded_ssh.__file__, str(MOST_SAID), executable)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    with os.fdopen(descriptor, "w", encoding="utf-8") as script:
        script.write(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    return str(file) if os.access(file, os.X_OK) else executable
