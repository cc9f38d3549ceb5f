"""Hundreds of viewers over real sockets: what is read, and what becomes of who takes nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import Notice, SafeguardTripped
from tests.live_server import LiveServer, add, live_server, put
from tests.unit.live_page.test_parts import LIMIT, OBSERVED, guarded
from tests.unit.report.journal_writer import JournalWriter
from tests.waiting import PATIENCE, wait_until

VIEWERS = 300


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with live_server(tmp_path) as server:
        yield server


def request_of(server: LiveServer) -> bytes:
    lines = ("GET /events HTTP/1.1", f"Host: {server.host}", f"Authorization: Bearer {server.read}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def bytes_read(server: LiveServer) -> int:
    """Return the bytes that the server has read from files; what sockets receive is not in it."""
    counts = Path(f"/proc/{server.process.pid}/io").read_text().split()
    return int(counts[counts.index("rchar:") + 1])


async def watch(server: LiveServer, ready: asyncio.Semaphore, until: str) -> str:
    """Look until a part says something, and return all that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_of(server))
    seen = ""
    is_ready = False
    try:
        while until not in seen:
            seen += (await reader.readuntil(b"\n\n")).decode()
            if not is_ready and "event: hello" in seen:
                ready.release()
                is_ready = True
        return seen
    finally:
        writer.close()


def test_every_line_is_read_once_whatever_the_number_of_viewers(server: LiveServer) -> None:
    journal = guarded(0, acked=100)
    path = put(server.runs, journal)
    known = len(journal.lines)
    for second in range(20, 600):
        journal.second(second, "during", 2.0 + second)
    watched = {"tolerance": "availability", "hold": 5.0, "limit": LIMIT}
    journal.add(SafeguardTripped, 640.0, safeguard=watched, observed=OBSERVED, since=635.0)
    size = sum(len(line) + 1 for line in journal.lines[known:])
    assert size > 200_000

    async def crowd() -> tuple[int, list[str]]:
        ready = asyncio.Semaphore(0)
        watching = [
            asyncio.ensure_future(watch(server, ready, '"tripped":"availability'))
            for _ in range(VIEWERS)
        ]
        for _ in range(VIEWERS):
            await ready.acquire()
        before = bytes_read(server)
        add(path, journal, known)
        seen = await asyncio.gather(*watching)
        return bytes_read(server) - before, seen

    read, seen = asyncio.run(asyncio.wait_for(crowd(), PATIENCE))
    assert size <= read < 2 * size
    assert len(seen) == VIEWERS
    last = [json.loads(each.split("data: ")[-1])["part"]["tripped"] for each in seen]
    assert set(last) == {"availability at least 90% for 5s: 20%"}


def resident(server: LiveServer) -> int:
    """Return the server's memory in bytes."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


@pytest.mark.whole  # test_hub shows it without sockets; here it takes the limit of half a minute
def test_who_takes_nothing_is_dropped_and_costs_no_memory(server: LiveServer) -> None:
    journal = guarded(0, acked=100)
    path = put(server.runs, journal)
    stuck = []
    for _ in range(50):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", server.port))
        one.sendall(request_of(server))
        stuck.append(one)
    known = len(journal.lines)
    before = 0
    for round_ in range(400):  # each part is some 30 kB: they do not fit into a socket's buffers
        for number in range(40):
            text = f"{round_} {number} " + "x" * 900
            journal.add(Notice, 30.0 + round_, level="warning", source="probe", message=text)
        add(path, journal, known)
        known = len(journal.lines)
        if round_ == 100:
            before = resident(server)
        asyncio.run(asyncio.sleep(0.1))
    assert resident(server) - before < 64 * 1024**2

    def ended(one: socket.socket) -> bool:
        one.setblocking(False)
        try:
            while one.recv(1 << 20):
                pass
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    wait_until(lambda: all(map(ended, stuck)), "the end of those who take nothing")
    for one in stuck:
        one.close()
    seen = asyncio.run(watch(server, asyncio.Semaphore(0), "399 39"))
    assert '"phase":"during"' in seen


def test_a_journal_with_a_run_of_its_own_is_followed_from_its_first_line(
    server: LiveServer,
) -> None:
    journal = JournalWriter()
    path = put(server.runs, journal)

    async def look() -> str:
        ready = asyncio.Semaphore(0)
        watching = asyncio.ensure_future(watch(server, ready, '"phase":"warm-up"'))
        await ready.acquire()
        journal.start([])
        journal.phase("warm-up", 0.1)
        add(path, journal, 0)
        return await watching

    assert "A slow broker loses nothing" in asyncio.run(asyncio.wait_for(look(), PATIENCE))
