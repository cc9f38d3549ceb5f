"""Another machine's clock on this one's."""

from __future__ import annotations

import random

from chaos_runner.kafka.zones.clock import DRIFT, ZoneClock


def test_it_is_wrong_by_no_more_than_it_says() -> None:
    chance = random.Random(7)
    for _ in range(200):
        ahead, here = chance.uniform(-1e6, 1e6), chance.uniform(0, 1e6)
        clock = ZoneClock()
        for _ in range(chance.randint(1, 8)):
            there, back = chance.expovariate(20), chance.expovariate(20)
            clock.take(here, here + there + ahead, here + there + back)
            here += there + back
        now = here + chance.uniform(0, 100)
        drifted = now + ahead + chance.uniform(-DRIFT, DRIFT) * (now - here)
        assert abs(clock.here(drifted) - now) <= clock.error(now) + DRIFT * (now - here) + 1e-6


def test_a_good_answer_counts_until_it_may_have_drifted_further_than_a_new_one_is_wrong() -> None:
    clock = ZoneClock()
    clock.take(100.0, 5.0, 100.002)
    good = clock.here(5.0)
    clock.take(101.0, 6.0, 102.0)
    assert clock.here(5.0) == good
    clock.take(5000.0, 4905.0, 5001.0)
    assert clock.here(4905.0) == 5000.5


def test_nothing_is_known_before_an_answer() -> None:
    assert ZoneClock().error(1.0) == float("inf")
