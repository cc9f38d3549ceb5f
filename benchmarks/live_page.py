"""How soon a viewer of the live page sees what a run wrote, and what viewers cost the server.

A journal is written line by line, as by a run; a real browser says when the line stood in its page.
Then so many viewers listen while a second of records is written each second. Needs Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from chaos_runner.journal.events import Notice
from tests.live_server import LiveServer, add, live_server, put
from tests.unit.live_page.test_parts import guarded

_SEEN = (
    "text => new Promise(seen => { const look = () => {"
    "  if (document.body.textContent.includes(text)) seen(Date.now() / 1000);"
    "  else requestAnimationFrame(look); }; look(); })"
)


def delays(page: Page, server: LiveServer, lines: int) -> list[float]:
    """Return the seconds from each write of a line to the moment at which the page has it."""
    journal = guarded(0, acked=100)
    path = put(server.runs, journal)
    found = []
    for number in range(lines):
        known = len(journal.lines)
        text = f"line {number} of the benchmark"
        journal.add(Notice, 30.0 + number, level="warning", source="probe", message=text)
        written = time.time()
        add(path, journal, known)
        found.append(page.evaluate(_SEEN, text) - written)
    return found


async def _listen(server: LiveServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = ("GET /events HTTP/1.1", f"Host: {server.host}", f"Authorization: Bearer {server.read}")
    writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    while await reader.read(65536):
        pass


def _cpu(server: LiveServer) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(server: LiveServer) -> float:
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


async def cost(server: LiveServer, viewers: int, seconds: int) -> tuple[float, float]:
    """Return the CPU seconds a second, and the MiB, of a server with so many viewers."""
    journal = guarded(0, acked=100)
    path = put(server.runs, journal, f"20270101-000000-k{viewers:04}")
    listening = [asyncio.ensure_future(_listen(server)) for _ in range(viewers)]
    await asyncio.sleep(5)
    before, began = _cpu(server), time.monotonic()
    for second in range(20, 20 + seconds):
        known = len(journal.lines)
        journal.second(second, "during", 2.0 + second)
        add(path, journal, known)
        await asyncio.sleep(1.0)
    spent = (_cpu(server) - before) / (time.monotonic() - began)
    for each in listening:
        each.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return spent, _resident(server)


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--viewers", type=int, nargs="+", default=[0, 1, 100, 300])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, live_server(Path(directory)) as server:
        with sync_playwright() as playwright:
            options = ["--no-sandbox", "--no-first-run"]
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
            page = browser.new_page()
            page.goto(f"{server.url}#{server.read}")
            page.get_by_text("live", exact=False).first.wait_for()
            found = sorted(delays(page, server, given.lines))
            browser.close()
        print(
            f"{len(found)} lines: median {statistics.median(found):.2f} s, "
            f"95 of 100 within {found[int(0.95 * len(found))]:.2f} s, at most {found[-1]:.2f} s"
        )
        for viewers in given.viewers:
            cores, resident = asyncio.run(cost(server, viewers, given.seconds))
            print(f"{viewers} viewers: {cores:.3f} of a core, {resident:.0f} MiB")


if __name__ == "__main__":
    main()
