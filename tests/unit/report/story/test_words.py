from __future__ import annotations

import pytest

from chaos_runner.analysis.latency import PERCENTILES, Latency, Percentile
from chaos_runner.report.story import formatting as words
from chaos_runner.report.story.host_view import FaultStory


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.005, "0.005 ms"),
        (4.123, "4.12 ms"),
        (412.4, "412 ms"),
        (999.7, "1 s"),
        (1000.0, "1 s"),
        (1240.0, "1.24 s"),
        (61_100.0, "61.1 s"),
        (3_600_000.0, "3,600 s"),
    ],
)
def test_latencies(value: float | None, text: str) -> None:
    assert words.milliseconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4, "0.4 s"),
        (3.0, "3 s"),
        (9.97, "10 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3720, "1 h 2 min"),
    ],
)
def test_durations(value: float, text: str) -> None:
    assert words.duration(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (0, 0, "—"), (1, 10**7, "< 0.001 %"), (5, 7453, "0.0671 %"), (1, 3, "33.3 %")],
)
def test_shares_are_never_rounded_down_to_nothing(part: int, whole: int, text: str) -> None:
    assert words.percentage(part, whole) == text


def test_latencies_together_share_a_unit() -> None:
    def three(p50: float | None, p99: float | None, most: float | None, *bounds: Percentile) -> str:
        return words.percentiles(Latency(p50=p50, p99=p99, max=most, bounds=bounds), *PERCENTILES)

    assert three(4.02, 9.4, 11.8) == "4.02 / 9.4 / 11.8 ms"
    assert three(4.02, 9.4, 1200) == "4.02 ms / 9.4 ms / 1.2 s"
    assert three(None, None, None) == "—"
    assert three(4.02, 9.4, 11.8, "max") == "4.02 / 9.4 / > 11.8 ms"
    assert three(4.02, 30_000, 30_000, "p99", "max") == "4.02 ms / > 30 s / > 30 s"
    assert three(None, None, None, "p50", "p99", "max") == "never / never / never"


def test_names_of_many_hosts_are_cut_short() -> None:
    assert words.names(["a"]) == "a"
    assert words.names(["a", "b", "c"]) == "a, b and c"
    assert words.names(list("abcdefghijkl")) == "a, b, c and 9 more"


@pytest.mark.parametrize(
    ("outcome", "hosts", "text"),
    [
        ("was slowed by 100 ms", 1, "was slowed by 100 ms"),
        ("was cut off (incoming only)", 2, "were cut off (incoming only)"),
        ("had kafka stopped", 2, "had kafka stopped"),
    ],
)
def test_what_a_fault_did(outcome: str, hosts: int, text: str) -> None:
    fault = FaultStory(
        fault="k_1",
        kind="disk_fill",
        summary="something in a few words",
        outcome=outcome,
        targets=("a",),
        control=(),
        duration=30,
        lease=15,
        cap=60,
        variables={},
        unheard={},
        on=None,
        off=None,
    )
    assert words.what_it_did(fault, hosts) == text
