"""Connect through a program, as ssh does for a ProxyJump or a ProxyCommand."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from chaos_runner.hosts.environment import needed_of

_PATIENCE = 5
"""Seconds for the program to end by itself once its connection is closed."""
_MOST_SAID = 4096


class Proxy:
    """A program whose standard input and output are the way to a host."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; OSError when it cannot be."""
        self.socket, theirs = socket.socketpair()
        self._errors = os.memfd_create("proxy")
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._errors,
                env=needed_of(os.environ),
                start_new_session=True,  # a Ctrl-C is not for it: the roll-back goes through it
            )
        except OSError:
            self.socket.close()
            os.close(self._errors)
            raise
        finally:
            theirs.close()

    @property
    def said(self) -> str:
        """Return how what it complained of begins."""
        data = os.pread(self._errors, _MOST_SAID, 0)
        return data.decode("utf-8", errors="replace")

    def close(self) -> None:
        """End the connection, and the program with it."""
        self.socket.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
        os.close(self._errors)
