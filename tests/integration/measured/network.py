"""What faults of the network do to connections, throughput and names."""

from __future__ import annotations

import socket
import threading
from collections import Counter

from tests.integration.measured.host import PORT, MeasuredHost
from tests.integration.measured.words import mean, share

OUTSIDE = "198.18.0.1"
"""The address of the control node's side."""
_SINK, _SOURCE, _DATAGRAMS = 5001, 5002, 5003
_SENT = 2_500_000
"""Bytes that the sink takes before it answers with one, and that the source sends."""
_QUERY = r"\022\064\001\000\000\001\000\000\000\000\000\000\000\000\002\000\001"
_ASK = f"""
for _ in 1 2 3 4 5 6 7 8 9 10; do
  timeout 1 bash -c 'exec 3<>/dev/udp/{OUTSIDE}/53 && printf "{_QUERY}" >&3 &&
    head -c 4 <&3 | od -An -tu1' 2>/dev/null || {{ [ $? = 124 ] && echo silent || echo refused; }}
done
"""
_COUNT = 20_000
_SEND = f"""
import socket, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    out.connect(("{OUTSIDE}", {_DATAGRAMS}))
    for number in range({_COUNT}):
        out.send(number.to_bytes(4, "big") + bytes(200))
        time.sleep(0.001)
"""


class Servers:
    """A name server, a sink and a source of bytes, as threads in the lab's namespace."""

    def __init__(self) -> None:
        self._names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names.bind((OUTSIDE, 53))
        self._sink = socket.create_server((OUTSIDE, _SINK))
        self._source = socket.create_server((OUTSIDE, _SOURCE))
        for work in (self._answer, self._swallow, self._pour):
            threading.Thread(target=work, daemon=True).start()

    def _answer(self) -> None:
        while True:
            query, who = self._names.recvfrom(512)
            self._names.sendto(query[:2] + b"\x81\x80" + query[4:], who)

    def _swallow(self) -> None:
        while True:
            connection, _ = self._sink.accept()
            with connection:
                left = _SENT
                while left > 0 and (taken := connection.recv(1 << 16)):
                    left -= len(taken)
                connection.sendall(b".")

    def _pour(self) -> None:
        while True:
            connection, _ = self._source.accept()
            with connection:
                connection.sendall(bytes(_SENT))


def throughput(host: MeasuredHost) -> str:
    """Return how fast the host sends over TCP, until the last byte has arrived."""
    send = f"head -c {_SENT} /dev/zero >&3; head -c 1 <&3 >/dev/null"
    return f"TCP sends {_rate(host, _SINK, send)}"


def throughput_in(host: MeasuredHost) -> str:
    """Return how fast the host receives over TCP."""
    return f"TCP receives {_rate(host, _SOURCE, 'cat <&3 >/dev/null')}"


def _rate(host: MeasuredHost, port: int, transfer: str) -> str:
    words = f"exec 3<>/dev/tcp/{OUTSIDE}/{port}; {transfer}"
    now = "cut -d ' ' -f 1 /proc/uptime"
    rates = []
    for _ in range(5):
        began, ended = host.run(f"{now}; bash -c '{words}'; {now}").split()
        rates.append(_SENT * 8 / 1e6 / max(0.01, float(ended) - float(began)))
    return mean(rates, "Mbit/s")


def datagrams_lost(host: MeasuredHost) -> str:
    """Return how many of the host's datagrams do not arrive; who receives checks every bit.

    An answer to ping is taken whatever its checksum says.
    """
    came = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into:
        into.bind((OUTSIDE, _DATAGRAMS))
        into.settimeout(3.0)
        sending = threading.Thread(target=host.run, args=("python3 -", _SEND.encode(), 200.0))
        sending.start()
        while True:
            try:
                came.add(into.recv(300)[:4])
            except TimeoutError:
                if not sending.is_alive():
                    break
        sending.join()
    return f"lost {share(_COUNT - len(came), _COUNT)}"


def connections(host: MeasuredHost) -> str:
    """Return what becomes of connections to the service."""
    ends = Counter(_connect(host.address) for _ in range(5))
    return ", ".join(f"{count} of 5 connections {end}" for end, count in sorted(ends.items()))


def open_and_new(host: MeasuredHost) -> str:
    """Return what becomes of new connections, while a session of SSH stays open."""
    return f"{connections(host)}; the session of SSH answers {host.run('echo yes')}"


def requests(host: MeasuredHost) -> str:
    """Return how many requests to the service are answered."""
    return f"{sum(_request(host.address) for _ in range(5))} of 5 requests answered"


def names(host: MeasuredHost) -> str:
    """Return what becomes of DNS queries."""
    ends = Counter(_kind_of_answer(line) for line in host.run(_ASK).splitlines())
    return ", ".join(f"{count} of 10 queries {end}" for end, count in sorted(ends.items()))


def time_of_names(host: MeasuredHost) -> str:
    """Return how long DNS queries take until they are answered."""
    uptime = "cut -d ' ' -f 1 /proc/uptime"
    asked = f"exec 3<>/dev/udp/{OUTSIDE}/53 && printf '{_QUERY}' >&3 && head -c 4 <&3 >/dev/null"
    took = []
    for _ in range(10):
        began, ended = host.run(f'{uptime}; timeout 20 bash -c "{asked}"; {uptime}').split()
        took.append(float(ended) - float(began))
    return f"a query takes {mean(took, 's')}"


def _kind_of_answer(line: str) -> str:
    fields = line.split()
    if len(fields) < 4:
        return line
    return "answered NXDOMAIN" if int(fields[3]) & 15 == 3 else "answered"


def _connect(address: str) -> str:
    try:
        with socket.create_connection((address, PORT), 3.0):
            return "open"
    except TimeoutError:
        return "silent"
    except OSError:
        return "refused"


def _request(address: str) -> bool:
    try:
        with socket.create_connection((address, PORT), 3.0) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return b"200" in connection.recv(64)
    except OSError:
        return False
