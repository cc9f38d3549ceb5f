"""What faults of the network do, seen from the control node's side of the lab."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from itertools import pairwise

from tests.integration.measured.host import PORT, MeasuredHost, outside
from tests.integration.measured.words import mean, share

OUTSIDE = "198.18.0.1"
"""The address of the control node's side."""
_SINK = 5001
_SENT = 2_500_000
"""Bytes that the sink takes before it answers with one."""
_ANSWER = re.compile(r"icmp_seq=(\d+) .*time=([\d.]+) ms")
_QUERY = r"\022\064\001\000\000\001\000\000\000\000\000\000\000\000\002\000\001"
_ASK = f"""
for _ in 1 2 3 4 5 6 7 8 9 10; do
  timeout 1 bash -c 'exec 3<>/dev/udp/{OUTSIDE}/53 && printf "{_QUERY}" >&3 &&
    head -c 4 <&3 | od -An -tu1' 2>/dev/null || {{ [ $? = 124 ] && echo silent || echo refused; }}
done
"""


class Servers:
    """A name server and a sink for what hosts send, as threads in the lab's namespace."""

    def __init__(self) -> None:
        self._names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names.bind((OUTSIDE, 53))
        self._sink = socket.create_server((OUTSIDE, _SINK))
        for work in (self._answer, self._swallow):
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


def pings(host: MeasuredHost, count: int, pause: float, size: int = 56) -> list[tuple[int, float]]:
    """Return the sequence number and the round trip in ms of each answer, as they came."""
    words = f"ping -n -c {count} -i {pause} -W 3 -s {size} {host.address}"
    return [
        (int(number), float(took))
        for number, took in re.findall(
            r"icmp_seq=(\d+) .*time=([\d.]+) ms", outside(*words.split())
        )
    ]


def round_trip(host: MeasuredHost) -> str:
    """Return how long pings take."""
    return f"round trip {mean([took for _, took in pings(host, 100, 0.1)], 'ms')}"


def lost(host: MeasuredHost) -> str:
    """Return how many of many pings are lost."""
    count = 20_000
    answered = len({number for number, _ in pings(host, count, 0.002)})
    return f"lost {share(count - answered, count)}"


def lost_in_a_row(host: MeasuredHost) -> str:
    """Return how many pings are lost, and how many in a row on average."""
    count = 20_000
    answered = {number for number, _ in pings(host, count, 0.002)}
    missing = [number for number in range(1, count + 1) if number not in answered]
    bursts = sum(1 for number in missing if number - 1 in answered or number == 1)
    return f"lost {share(len(missing), count)}, {len(missing) / (bursts or 1):.1f} in a row"


def doubled(host: MeasuredHost) -> str:
    """Return how many pings are answered twice."""
    times = Counter(number for number, _ in pings(host, 5000, 0.004))
    return f"twice {share(sum(count > 1 for count in times.values()), len(times))}"


def overtaken(host: MeasuredHost) -> str:
    """Return how many answers come before one that was sent earlier."""
    order = [number for number, _ in pings(host, 5000, 0.004)]
    behind, early = len(order) + 1, 0
    for number in reversed(order):
        early += number > behind
        behind = min(behind, number)
    return f"early {share(early, len(order))}"


def throughput(host: MeasuredHost) -> str:
    """Return how fast the host sends over TCP, until the last byte has arrived."""
    send = f"exec 3<>/dev/tcp/{OUTSIDE}/{_SINK}; head -c {_SENT} /dev/zero >&3; head -c 1 <&3"
    now = "$(cut -d ' ' -f 1 /proc/uptime)"
    rates = []
    for _ in range(5):
        began, _dot, ended = host.run(f"echo {now}; bash -c '{send}'; echo; echo {now}").split()
        rates.append(_SENT * 8 / 1e6 / max(0.01, float(ended) - float(began)))
    return f"TCP sends {mean(rates, 'Mbit/s')}"


def reached(host: MeasuredHost, size: int = 56) -> str:
    """Return how many pings are answered."""
    return f"{len(pings(host, 20, 0.1, size))} of 20 pings"


def small_and_large(host: MeasuredHost) -> str:
    """Return how many small and large pings are answered."""
    return f"{reached(host)}, {reached(host, 1400)} of 1400 bytes"


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


def comes_and_goes(host: MeasuredHost) -> str:
    """Return how often the link goes, and for which share of the time it is there."""
    seen = []
    ends = time.monotonic() + 24
    while time.monotonic() < ends:
        seen.append("1 received" in outside(*f"ping -n -c 1 -W 0.2 {host.address}".split()))
        time.sleep(0.1 if seen[-1] else 0)
    cuts = sum(before and not after for before, after in pairwise(seen))
    return f"in 24 s the link went {cuts} times"


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
