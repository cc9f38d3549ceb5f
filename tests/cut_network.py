"""A network that can be cut without either end hearing of it, and comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CutNetwork:
    """A relay to a port of this machine; nothing passes at all while it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._passes = threading.Event()
        self._passes.set()
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port to connect to."""
        return int(self._listening.getsockname()[1])

    def cut(self) -> None:
        """Let nothing through; connections stay as they are, as with a cable that is pulled."""
        self._passes.clear()

    def restore(self) -> None:
        """Let new connections through; the old ones are lost, as after a long cut."""
        self._end_all()
        self._passes.set()

    def close(self) -> None:
        """End everything."""
        self._listening.close()
        self._passes.set()
        self._end_all()

    def _end_all(self) -> None:
        ended, self._open = self._open, []
        for each in ended:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._hand_on, args=ends, daemon=True).start()

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._passes.wait()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_network(port: int) -> Iterator[CutNetwork]:
    """Give a network to a port of this machine."""
    network = CutNetwork(port)
    try:
        yield network
    finally:
        network.close()
