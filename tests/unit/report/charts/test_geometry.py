from __future__ import annotations

from chaos_runner.report.charts.geometry import (
    TimeAxis,
    area_path,
    count_axis,
    latency_axis,
    line_path,
)


def test_a_count_axis_has_round_steps_above_the_highest_value() -> None:
    assert count_axis(100, 150).ticks == (0, 50, 100, 150)
    assert count_axis(12, 150).ticks == (0, 5, 10, 15)
    assert count_axis(4, 150).ticks == (0, 2, 4, 6)
    assert count_axis(1, 150).ticks == (0, 1, 2)
    assert count_axis(0, 150).ticks == (0, 1)
    assert count_axis(48_000, 150).ticks == (0, 20_000, 40_000, 60_000)


def test_a_count_axis_runs_from_the_bottom_up() -> None:
    axis = count_axis(100, 150)
    assert (axis.pixel(0), axis.pixel(75), axis.pixel(150)) == (150, 75, 0)
    assert axis.pixel(10_000) == 0


def test_a_narrow_latency_axis_is_marked_at_one_two_five() -> None:
    axis = latency_axis([4.1, 23.0], 150)
    assert (axis.low, axis.high) == (2.0, 50.0)
    assert axis.ticks == (2, 5, 10, 20, 50)


def test_a_wide_latency_axis_is_marked_in_decades() -> None:
    axis = latency_axis([3.2, 61_000], 150)
    assert axis.ticks == (1, 10, 100, 1000, 10_000, 100_000)
    assert axis.pixel(1) == 150
    assert axis.pixel(10) == 120
    assert axis.pixel(100_000) == 0


def test_a_latency_axis_copes_with_nothing_and_with_zero() -> None:
    assert latency_axis([], 150).ticks == (1, 2, 5, 10)
    assert latency_axis([0.0], 150).pixel(0.0) == 150


def test_time_is_marked_at_round_moments() -> None:
    assert TimeAxis(0, 93.2).ticks() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert TimeAxis(0, 3700).ticks() == [0, 600, 1200, 1800, 2400, 3000, 3600]
    assert TimeAxis(0, 200).percent(50) == "25.00%"
    assert TimeAxis(0, 200).width(50, 900) == "75.00%"


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    points = [(0.0, 5.0), (1.0, 6.0), None, (3.0, 7.5), (4.0, 8.0)]
    assert line_path(points) == "M0 5L1 6M3 7.5L4 8"
    assert area_path(points, 10) == "M0 10L0 5L1 6L1 10ZM3 10L3 7.5L4 8L4 10Z"


def test_a_point_alone_is_a_dot() -> None:
    assert line_path([None, (2.0, 5.0), None]) == "M2 5h0"


def test_a_stepped_line_holds_each_value() -> None:
    assert line_path([(0.0, 5.0), (1.0, 6.0)], stepped=True) == "M0 5H1V6"
