from __future__ import annotations

import pytest

from chaos_runner.measurements.reading import (
    LONGEST,
    MOST_READINGS,
    NetworkPath,
    Reading,
    decoded,
)


def read(line: str) -> Reading:
    readings = decoded([line])
    assert isinstance(readings, tuple)
    (reading,) = readings
    assert isinstance(reading, Reading)
    return reading


def test_a_figure_has_its_unit_its_path_and_what_it_was_before() -> None:
    assert read(
        "round_trip 101.3 ms before=0.4 interface=eth1 source=198.18.0.2 destination=fd00::1 port=9"
    ) == Reading(
        name="round_trip",
        value=101.3,
        unit="ms",
        before=0.4,
        path=NetworkPath(interface="eth1", source="198.18.0.2", destination="fd00::1", port=9),
    )


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("state inactive of=a.service", Reading(name="state", state="inactive", of="a.service")),
        (
            "free 12 MiB of=/srv/a place = of=all",
            Reading(name="free", value=12, unit="MiB", of="/srv/a place = of=all"),
        ),
        (
            "round_trip silent ms before=0.4 destination=h",
            Reading(
                name="round_trip",
                state="silent",
                unit="ms",
                before=0.4,
                path=NetworkPath(destination="h"),
            ),
        ),
        (
            "  clock_offset -300.5 s asked=-300\r",
            Reading(name="clock_offset", value=-300.5, unit="s", asked=-300),
        ),
        ("rate 1e-07 /s", Reading(name="rate", value=1e-07, unit="/s")),
    ],
)
def test_what_a_script_prints(line: str, reading: Reading) -> None:
    assert read(line) == reading


@pytest.mark.parametrize(
    "line",
    [
        "the path is back",
        "kafka.service is inactive",
        "stopped: 3",
        "free",
        "free 12",
        "free 12 miles",
        "free 12 MiB soon",
        "free 12 MiB about=/srv",
        "free 12 MiB before=",
        "free 12 MiB before=none",
        "free nan MiB before=inf",
        "free 1e999 MiB",
        "said yes",
        "connection refused port=70000",
        "connection refused port=x",
        "state Inactive",
        "x" * 400,
    ],
)
def test_what_is_no_reading_is_kept_as_it_was_said(line: str) -> None:
    assert read(line) == Reading(name="said", of=line[:LONGEST])


def test_lines_are_bounded_and_blank_ones_are_none() -> None:
    assert decoded([]) == decoded(["", " "]) == ()
    many = decoded(["packets 1 count"] * (MOST_READINGS + 1))
    assert isinstance(many, tuple)
    assert len(many) == MOST_READINGS
