from __future__ import annotations

from chaos_runner.kafka.ledger.partition_ledger import PartitionLedger
from chaos_runner.kafka.probe.drain_progress import TRUNCATED_SECONDS, Course


def course(position: int, acked_end: int) -> Course:
    page = PartitionLedger()
    page.position, page.acked_end = position, acked_end
    return Course(0, page)


def test_the_target_is_the_larger_of_end_and_acked_end() -> None:
    on_its_way = course(position=4, acked_end=5)
    assert not on_its_way.is_reached
    on_its_way.note_end(7, now=0.0)
    assert (on_its_way.target, on_its_way.is_reached) == (7, False)
    on_its_way.ledger.position = 7
    assert on_its_way.is_reached
    on_its_way.ledger.acked_end = 9
    assert not on_its_way.is_reached


def test_an_unknown_end_is_not_reached() -> None:
    assert not course(position=5, acked_end=5).is_reached


def test_a_log_is_truncated_when_it_stays_short() -> None:
    short = course(position=3, acked_end=5)
    short.note_end(3, now=100.0)
    short.note_end(3, now=105.0)
    assert not short.is_truncated(100.0 + TRUNCATED_SECONDS - 0.1)
    assert short.is_truncated(100.0 + TRUNCATED_SECONDS)


def test_a_log_that_moves_is_not_truncated() -> None:
    short = course(position=3, acked_end=5)
    short.note_end(3, now=100.0)
    short.note_end(4, now=109.0)
    assert not short.is_truncated(115.0)
    short.note_end(5, now=116.0)
    assert not short.is_truncated(1000.0)


def test_it_asks_where_the_end_is_known_to_be_near_and_not_all_the_time() -> None:
    asking = course(position=3, acked_end=5)
    assert asking.wants_end(10.0)
    assert not asking.wants_end(10.1)
    assert asking.wants_end(10.3)
    asking.note_end(None, now=12.0)
    assert not asking.wants_end(14.0), "nobody answered just now"
    assert asking.wants_end(15.5)
    asking.note_end(90, now=16.0)
    assert not asking.wants_end(30.0), "the reader has a way to go"
