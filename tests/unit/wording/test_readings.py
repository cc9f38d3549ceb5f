from __future__ import annotations

import pytest

from chaos_runner.measurements.reading import NetworkPath, Reading, said
from chaos_runner.wording.readings import readings_words

TO_PEER = NetworkPath(interface="eth0,eth1", source="fd00::1", destination="fd00::2", port=9092)


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ([], ""),
        ([said("all is well")], "all is well"),
        (
            [
                Reading(name="used", value=90.04, unit="%", asked=90, of="/srv"),
                Reading(name="free", value=1234, unit="MiB", of="/srv"),
                Reading(name="packets_dropped", value=3),
            ],
            "/srv: used 90.04% (90% asked), free 1,234 MiB; packets dropped 3",
        ),
        (
            [Reading(name="connection", state="refused", path=TO_PEER)],
            "fd00::1 to [fd00::2]:9092 by eth0 and eth1: connection refused",
        ),
        (
            [Reading(name="round_trip", value=0.00012345, unit="ms", before=0)],
            "round trip 0.000123 ms (0 ms before)",
        ),
        (
            [Reading(name="round_trip", state="silent", unit="ms", before=0.4)],
            "round trip silent (0.4 ms before)",
        ),
        ([Reading(name="lines", value=99.5, unit="/s", asked=100)], "lines 99.5/s (100/s asked)"),
        (
            [said("one"), Reading(name="member", state="turned_away", of="orders"), said("two")],
            "one; orders: member turned away; two",
        ),
    ],
)
def test_what_was_read_in_words(readings: list[Reading], words: str) -> None:
    assert readings_words(readings) == words
