"""A service with a health page and metrics: `python -m …service PORT`, brokers in a file."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """A service that answers by what the file says of the brokers."""

    def do_GET(self) -> None:
        brokers = int(Path(os.environ["BROKERS"]).read_text(encoding="utf-8") or "0")
        if self.path == "/metrics":
            self._say(200, f"# TYPE fleet_brokers gauge\nfleet_brokers {brokers}\n")
        elif brokers < 3:
            self._say(503, "a broker is missing\n")
        else:
            self._say(200, "all is well\n")

    def log_message(self, format: str, *args: object) -> None:  # the base names it so
        """Say nothing."""

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
