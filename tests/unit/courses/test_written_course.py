"""What an experiment says of times: ranges, batches, repetitions, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from chaos_runner.experiment.load import check_experiment
from chaos_runner.experiment.models import FaultEntry
from chaos_runner.experiment.time_range import (
    TimeRange,
    exactly,
    format_time_range,
    parse_time_range,
)
from chaos_runner.wording.course import course_words


def entry(**changes: object) -> FaultEntry:
    return FaultEntry.model_validate({"network_partition": None, **changes})


@pytest.mark.parametrize(
    ("text", "times"),
    [("30s", exactly(30)), ("5s to 1m30s", TimeRange(5, 90)), ("0s to 250ms", TimeRange(0, 0.25))],
)
def test_a_time_is_exact_or_lies_between_two_bounds(text: str, times: TimeRange) -> None:
    assert parse_time_range(text) == times
    assert format_time_range(times) == text


def test_a_drawn_time_lies_within_its_bounds_in_tenths_of_a_second() -> None:
    random = Random(7)
    drawn = [TimeRange(1.25, 2).drawn_by(random) for _ in range(200)]
    assert min(drawn) >= 1.25
    assert max(drawn) <= 2
    assert len(set(drawn)) > 5
    assert all(time == 1.25 or time * 10 == round(time * 10) for time in drawn)
    assert exactly(3).drawn_by(random) == 3


MISTAKES = """\
title: Nothing of it is right
faults:
  - service_stop: {service: kafka}
    duration: 30s to 10s
    start: 20
    pause: 10s
  - network_partition:
    duration: 5s to 40s
    repeat: {times: 1, every: 60s}
  - network_partition:
    duration: 5s to 25h
    serial: 0
  - network_partition:
    duration: 5s to 40s
    repeat: {times: 3, every: 40s}
    serail: 1
"""


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "e.yml"
    file.write_text(MISTAKES)
    told = check_experiment(file).message().replace(f"{file}:", "").splitlines()
    assert told == [
        "4: faults[0].duration: found `30s to 10s`, whose second time is not the longer one; "
        "allowed is such as `5s to 20s`",
        "5: faults[0].start: found `20`, which has no unit; did you mean `20s`?",
        "6: faults[0].pause: found `10s` without `serial`; a pause lies between batches, such as "
        "those of `serial: 1`",
        "9: faults[1].repeat.times: found the number `1`; allowed is at least 2",
        "11: faults[2].duration: found `5s to 25h`; allowed is `1s` to `24h`",
        "12: faults[2].serial: found the number `0`; allowed is at least 1",
        "15: faults[3].repeat: found `every: 40s` beside a duration of `40s`; allowed is more than "
        "that, so that the fault is over before it comes again",
        "16: faults[3].serail: unknown key; did you mean `serial`?",
    ]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({}, "for 30s"),
        ({"start": "20s", "duration": "5s to 9s"}, "from 20s on, for 5s to 9s"),
        (
            {"serial": 1, "pause": "10s", "repeat": {"times": 3, "every": "2m"}},
            "for 30s, 1 host at a time, with a pause of 10s, 3 times, every 2m",
        ),
    ],
)
def test_a_course_in_words(times: dict[str, object], words: str) -> None:
    assert course_words(entry(**times)) == words


def test_a_course_is_dumped_as_it_was_written() -> None:
    written = {"serial": 2, "pause": "5s to 10s", "repeat": {"times": 2, "every": "1m"}, "seed": 3}
    dump = entry(**written).model_dump(mode="json")
    assert {key: dump[key] for key in written} == written
    assert entry(**dump) == entry(**written)
