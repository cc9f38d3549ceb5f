"""Waiting for what a test needs: until a condition holds, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300.0
"""Seconds after which what a test waits for does not come; a busy machine takes many of them."""
_PAUSE = 0.1


def wait_until(
    condition: Callable[[], bool],
    what: str = "what the test waits for",
    seconds: float = PATIENCE,
    pause: float = _PAUSE,
) -> None:
    """Wait until a condition holds, looked at every `pause` seconds; fail where it does not come.

    `what` says in words what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(pause)
