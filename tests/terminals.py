"""Programs with terminals of their own, whose windows can be closed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Sequence


class TerminalOf:
    """A program with a terminal of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WITH_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.is_open = True

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.master, f"{text}\n".encode())

    def close(self) -> None:
        """Close the window."""
        if self.is_open:
            os.close(self.master)
            self.is_open = False


_WITH_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
