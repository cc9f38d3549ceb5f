"""Whether the user has a Kerberos ticket, which lets ssh in where the SSH channel stays out."""

from __future__ import annotations

import shutil
import subprocess

_PATIENCE = 5.0
"""Seconds; klist asks nobody over a network."""


def has_tickets() -> bool:
    """Tell whether klist sees a ticket that counts now; who has no klist has none."""
    klist = shutil.which("klist")
    if klist is None:
        return False
    try:
        done = subprocess.run(
            [klist, "-s"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
