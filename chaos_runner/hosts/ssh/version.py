"""Ask an ssh which of the newer options it knows: an unknown one would end every connection."""

from __future__ import annotations

import functools
import subprocess

_PATIENCE = 30.0
"""Seconds; it reads no file and connects to nothing."""


@functools.cache
def understands(executable: str, option: str) -> bool:
    """Tell whether an ssh takes an option, written as `Name=value`; it is asked once."""
    try:
        done = subprocess.run(
            [executable, "-G", "-F", "none", "-o", option, "--", "localhost"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
