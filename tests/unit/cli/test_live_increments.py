"""What the live display costs does not grow with the run's age, and nothing is printed twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from rich.console import Console

from chaos_runner.cli.live.panel import render_panel
from chaos_runner.cli.live.state import LiveState
from chaos_runner.journal.events import Notice, PhaseStarted, ProbeBucket, Waiting
from chaos_runner.kafka.common.figures import without_figures
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from tests.unit.planning.test_planner import planned

NOW = datetime(2026, 11, 23, 14, 3, 10, tzinfo=UTC)
GROUPS: list[Exposure] = [Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE]


class Watched(Bucket):
    """A list that counts how often buckets are looked at."""

    looks: ClassVar[int] = 0

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            Watched.looks += 1
        return super().__getattribute__(name)


def bucket(
    second: int, group: Exposure = Exposure.ALL, acked: int = 100, seen: int | None = None
) -> Bucket:
    seen = acked if seen is None else seen
    return Watched(
        second=second,
        elapsed=float(second),
        phase="during",
        group=group,
        scheduled=100,
        acked=acked,
        consumed=seen,
        not_yet_consumed=acked - seen,
        ack={5: acked},
    )


def told(state: LiveState, each: Bucket) -> None:
    state.take(ProbeBucket.model_construct(at=NOW, elapsed=each.elapsed, bucket=each))


def panel_of(state: LiveState) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(render_panel(state, time.monotonic()))
    return capture.get()


@pytest.fixture
def state(tmp_path: Path) -> LiveState:
    return LiveState(planned(tmp_path, "  - network_partition:\n"))


def looks_after(state: LiveState, seconds: range) -> tuple[int, int]:
    """Return how often a picture and one more telling look at buckets after some seconds."""
    for second in seconds:
        for group in GROUPS:
            told(state, bucket(second, group))
    Watched.looks = 0
    panel_of(state)
    picture, Watched.looks = Watched.looks, 0
    told(state, bucket(seconds.stop, Exposure.LEADER))
    return picture, Watched.looks


def test_a_picture_and_a_telling_cost_the_same_after_hours(state: LiveState) -> None:
    young = looks_after(state, range(200))
    old = looks_after(state, range(201, 3_000))
    assert young == old
    assert 0 < young[0] < 100
    assert state.count("acked") == (200 * 3 + 1 + 2_799 * 3 + 1) * 100


def notice(
    state: LiveState,
    message: str,
    after: float = 0.0,
    host: str | None = None,
    held_back: int = 0,
) -> str:
    return state.take(
        Notice(
            at=NOW + timedelta(seconds=after),
            elapsed=after,
            level="warning",
            source="probe",
            host=host,
            message=message,
            kind=without_figures(message),
            held_back=held_back,
        )
    )


def test_a_notice_is_printed_once_and_then_counted_in_place(state: LiveState) -> None:
    assert "3 of 100 sends" in notice(state, "short of CPU: 3 of 100 sends ran late")
    assert "×" not in panel_of(state)
    assert notice(state, "short of CPU: 41 of 110 sends ran late", 10, held_back=9) == ""
    assert notice(state, "short of CPU: 7 of 100 sends ran late", 20) == ""
    last = (NOW + timedelta(seconds=20)).astimezone()
    assert f"short of CPU: 7 of 100 sends ran late (×12, last {last:%H:%M:%S})" in panel_of(state)


def test_another_host_and_another_matter_are_news(state: LiveState) -> None:
    assert notice(state, "did not answer", host="k1")
    assert notice(state, "did not answer", host="k2")
    assert notice(state, "did answer", host="k1")
    assert notice(state, "did not answer", 5, host="k1") == ""
    assert "k1: did not answer (×2" in panel_of(state)
    assert "k2" not in panel_of(state)


def test_the_panel_shows_no_more_than_the_newest_repeats(state: LiveState) -> None:
    for word in "abcdef":
        notice(state, f"matter {word}")
        notice(state, f"matter {word}")
    text = panel_of(state)
    assert [word for word in "abcdef" if f"matter {word} (×2" in text] == list("def")


def wait(state: LiveState, what: str, elapsed: float) -> str:
    return state.take(Waiting(at=NOW, elapsed=elapsed, what=what, matter=without_figures(what)))


def test_what_is_waited_for_is_printed_once_and_stands_in_the_panel(state: LiveState) -> None:
    state.take(PhaseStarted(at=NOW, elapsed=3.0, phase="warm-up"))
    line = wait(state, "the cluster to be quiet: 3 of 300 records are not acked", 4.0)
    assert "4.0 s" in line and "waiting for the cluster to be quiet: 3 of 300" in line
    assert wait(state, "the cluster to be quiet: 2 of 310 records are not acked", 5.0) == ""
    assert "the cluster to be quiet: 2 of 310 records" in panel_of(state)
    assert "latency" in wait(state, "the cluster to be quiet: latency is still falling", 6.0)
    state.take(PhaseStarted(at=NOW, elapsed=7.0, phase="before"))
    assert "waiting" not in panel_of(state)
