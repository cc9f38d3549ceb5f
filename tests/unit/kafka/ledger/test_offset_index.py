from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.offset_index import MOST_RUNS, CutOff, Places

notes = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=60)


@given(notes)
def test_a_conflict_is_told_if_and_only_if_an_offset_was_told_to_hold_two_records(
    story: list[tuple[int, int]],
) -> None:
    places = Places()
    told = [places.note(offset, sequence) for offset, sequence in story]
    held: dict[int, set[int]] = {}
    for offset, sequence in story:
        held.setdefault(offset, set()).add(sequence)
    assert any(each is not None for each in told) == any(len(one) > 1 for one in held.values())


@given(st.lists(st.integers(0, 200), max_size=80))
def test_what_agrees_is_no_conflict_in_whatever_order_it_comes(offsets: list[int]) -> None:
    places = Places()
    assert [places.note(offset, offset + 3) for offset in offsets] == [None] * len(offsets)


def test_a_healthy_log_is_a_single_run() -> None:
    places = Places()
    for number in range(10_000):
        assert places.note(number + 7, number) is None
    assert len(places) == 1


def test_one_truncation_is_told_once_though_all_of_it_is_read_again() -> None:
    places = Places()
    for number in range(10):
        places.note(number, number)
    assert [places.note(4 + number, 50 + number) for number in range(6)] == [4, *[None] * 5]
    assert places.note(5, 5) is None, "an old reading of the part that was cut off"
    assert places.note(10, 56) is None
    assert places.note(10, 99) == 56


def test_a_truncation_forgets_all_that_stood_above_it() -> None:
    places = Places()
    for offset in (0, 1, 4, 5, 8, 9):
        places.note(offset, offset + offset // 4)
    assert places.note(1, 50) == 1
    assert len(places) == 2


def test_a_log_in_disorder_takes_bounded_memory() -> None:
    places = Places()
    for number in range(3 * MOST_RUNS):
        places.note(3 * number, 7 * number)
    for number in range(3 * MOST_RUNS):
        places.note(3 * number + 1, 5 * number)
    assert len(places) == MOST_RUNS


def test_what_a_cut_takes_away_is_remembered_by_offset_and_sequence() -> None:
    places = Places()
    for offset in range(10):
        places.note(offset, offset)
    for offset in range(10, 15):
        places.note(offset, offset + 5)
    assert places.note(8, 20) == 8
    assert places.cut_off == [CutOff(8, 8, 10), CutOff(10, 15, 20)]


@given(notes)
def test_every_record_whose_place_another_took_was_cut_off(story: list[tuple[int, int]]) -> None:
    places = Places()
    stands: dict[int, int] = {}
    for offset, sequence in story:
        places.note(offset, sequence)
        before = stands.get(offset, sequence)
        if before != sequence:
            assert any(run.first <= before < run.end for run in places.cut_off)
        stands[offset] = sequence
