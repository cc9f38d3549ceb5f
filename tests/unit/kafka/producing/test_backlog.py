"""The backlog against a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.producing.backlog import Backlog

STEP = 4
actions = st.lists(st.tuples(st.sampled_from(["put", "skip", "take"]), st.integers(0, 9)))


@given(actions)
def test_slots_come_out_in_order_and_none_is_lost(done: list[tuple[str, int]]) -> None:
    backlog, model, following = Backlog(), list[int](), 3
    for action, count in done:
        if action == "take":
            taken = list(backlog.take(count))
            assert taken == model[: len(taken)]
            assert taken or not count or not model
            del model[: len(taken)]
        else:
            slots = range(following, following + count * STEP, STEP)
            following = slots.stop
            if action == "put":
                backlog.put(slots)
                model += slots
        assert backlog.length == len(model)


def test_a_long_wait_is_one_range() -> None:
    backlog = Backlog()
    for first in range(0, 4_000_000, STEP):
        backlog.put(range(first, first + 1, STEP))
    assert backlog.length == 1_000_000
    assert backlog.take(2_000_000) == range(0, 4_000_000, STEP)
