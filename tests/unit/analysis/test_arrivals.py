"""Records that never arrived stand in every percentile."""

from __future__ import annotations

from chaos_runner.analysis.arrivals import Quantile, arrivals_of
from chaos_runner.measurements.histogram import bin_of, milliseconds_of
from chaos_runner.measurements.model import Totals


def middle(milliseconds: float) -> float:
    """Return what a histogram makes of a latency."""
    return milliseconds_of(bin_of(milliseconds))


def test_open_records_have_waited_longest_and_ended_ones_rank_behind_all_arrivals() -> None:
    totals = Totals(
        scheduled=100,
        acked=90,
        indeterminate=4,
        consumed=90,
        ack={bin_of(10): 89, bin_of(900): 1},
        ack_censored={bin_of(5): 4, bin_of(7000): 6},
    )
    running = arrivals_of("ack", totals, complete=False)
    assert running.ended == {bin_of(900): 4}
    assert running.open == {bin_of(7000): 6}
    closed = arrivals_of("ack", totals, complete=True)
    assert closed.ended == {bin_of(900): 4, bin_of(7000): 6}
    assert closed.open == {}
    assert closed.percentile(50) == Quantile(middle(10), beyond=False)
    assert closed.percentile(99) == Quantile(middle(7000), beyond=True)


def test_what_was_never_acked_was_not_read_back_either() -> None:
    totals = Totals(
        scheduled=10,
        acked=8,
        consumed=7,
        not_yet_consumed=1,
        end_to_end={bin_of(20): 7},
        ack_censored={bin_of(3000): 2},
        end_to_end_censored={bin_of(4000): 1},
    )
    arrivals = arrivals_of("end_to_end", totals, complete=False)
    assert arrivals.open == {bin_of(3000): 2, bin_of(4000): 1}


def test_an_unknown_record_that_was_read_back_counts_once() -> None:
    totals = Totals(
        scheduled=2,
        acked=1,
        indeterminate=1,
        consumed=2,
        end_to_end={bin_of(20): 2},
        ack_censored={bin_of(5000): 1},
    )
    assert arrivals_of("end_to_end", totals, complete=True).percentile(100) == Quantile(
        middle(20), beyond=False
    )


def test_journals_without_waits_claim_no_more_than_that_the_rest_was_slower() -> None:
    totals = Totals(scheduled=10, acked=5, indeterminate=5, ack={bin_of(40): 5})
    arrivals = arrivals_of("ack", totals, complete=True)
    assert arrivals.percentile(99) == Quantile(middle(40), beyond=True)
    assert arrivals.falls_among_ended(99)
    assert not arrivals.falls_among_ended(50)
