"""What faults of the network do to pings, sent from the control node's side of the lab."""

from __future__ import annotations

import re
import time
from collections import Counter
from itertools import pairwise

from tests.integration.measured.host import MeasuredHost, outside
from tests.integration.measured.words import mean, share

_STAMP = re.compile(r"^\[([\d.]+)\] .*icmp_seq=\d+ ", re.MULTILINE)


def pings(host: MeasuredHost, count: int, pause: float, size: int = 56) -> list[tuple[int, float]]:
    """Return the sequence number and the round trip in ms of each answer, as they came."""
    words = f"ping -n -c {count} -i {pause} -W 3 -s {size} {host.address}"
    return [
        (int(number), float(took))
        for number, took in re.findall(
            r"icmp_seq=(\d+) .*time=([\d.]+) ms", outside(*words.split())
        )
    ]


def answered(host: MeasuredHost, count: int) -> set[int]:
    """Return the sequence numbers of the answers that arrive whole, to a ping every 2 ms.

    They carry no time: ping waits at last for twice the longest it has seen, which a corrupt one
    may claim to be hours.
    """
    said = outside(*f"ping -n -c {count} -i 0.002 -W 3 -s 8 {host.address}".split())
    return {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=\d+$", said, re.MULTILINE)}


def round_trip(host: MeasuredHost) -> str:
    """Return how long pings take."""
    return f"round trip {mean([took for _, took in pings(host, 100, 0.1)], 'ms')}"


def lost(host: MeasuredHost) -> str:
    """Return how many of many pings are lost."""
    count = 20_000
    return f"lost {share(count - len(answered(host, count)), count)}"


def lost_in_a_row(host: MeasuredHost) -> str:
    """Return how many pings are lost, and how many in a row on average."""
    count = 20_000
    came = answered(host, count)
    missing = [number for number in range(1, count + 1) if number not in came]
    bursts = sum(1 for number in missing if number - 1 in came or number == 1)
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


def in_bursts(host: MeasuredHost) -> str:
    """Return how many pings, one in 5 ms, are answered at once, and how far apart that is."""
    stamps = outside(*f"ping -n -D -c 2000 -i 0.005 -W 3 {host.address}".split())
    came = [float(stamp) * 1000 for stamp in _STAMP.findall(stamps)]
    begins = came[:1] + [now for before, now in pairwise(came) if now - before > 2.5]
    at_once = len(came) / (len(begins) or 1)
    gaps = [now - before for before, now in pairwise(begins)]
    return f"{at_once:.1f} answers at once, every {mean(gaps, 'ms')}"


def reached(host: MeasuredHost, size: int = 56) -> str:
    """Return how many pings are answered."""
    return f"{len(pings(host, 20, 0.1, size))} of 20 pings"


def small_and_large(host: MeasuredHost) -> str:
    """Return how many small and large pings are answered."""
    return f"{reached(host)}, {reached(host, 1400)} of 1400 bytes"


def comes_and_goes(host: MeasuredHost) -> str:
    """Return how often the link goes, and for which share of the time it is there."""
    seen = []
    ends = time.monotonic() + 24
    while time.monotonic() < ends:
        seen.append("1 received" in outside(*f"ping -n -c 1 -W 0.2 {host.address}".split()))
        time.sleep(0.1 if seen[-1] else 0)
    cuts = sum(before and not after for before, after in pairwise(seen))
    return f"in 24 s the link went {cuts} times"
