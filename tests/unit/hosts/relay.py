"""Pass a connection on between standard input and output and an address: a ProxyCommand."""

from __future__ import annotations

import os
import socket
import sys
import threading


def main() -> None:
    """Relay to the host and port in the arguments, until that side ends."""
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as way:

        def send() -> None:
            while data := os.read(0, 65_536):
                way.sendall(data)

        threading.Thread(target=send, daemon=True).start()
        while data := way.recv(65_536):
            os.write(1, data)


if __name__ == "__main__":
    main()
