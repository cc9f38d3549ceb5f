"""Signals end a run in order: they are remembered, and raise nothing where they land."""

from __future__ import annotations

import os
import signal
import time

import pytest

from chaos_runner.execution.stopping.interruption import (
    Interruption,
    RunInterruptedError,
    watch_signals,
)
from tests.waiting import PATIENCE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_wakes_a_wait_and_is_named(number: signal.Signals) -> None:
    told: list[int] = []
    with watch_signals(lambda interruption: told.append(interruption.times)) as interruption:
        assert not interruption.wait(0.01)
        os.kill(os.getpid(), number)
        started = time.monotonic()
        assert interruption.wait(PATIENCE)
        assert time.monotonic() - started < PATIENCE / 2
    assert interruption.name == number.name
    assert interruption.exit_code == 128 + number
    assert told == [1]
    with pytest.raises(RunInterruptedError):
        interruption.raise_if_arrived()


def test_a_second_signal_is_counted_and_the_first_one_names_the_end() -> None:
    with watch_signals(lambda interruption: None) as interruption:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert (interruption.times, interruption.signal) == (2, signal.SIGTERM)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watch_signals(lambda interruption: None):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_cannot_be_told_is_heard_all_the_same() -> None:
    def tell(_: Interruption) -> None:
        raise OSError("the terminal is gone")

    with watch_signals(tell) as interruption:
        os.kill(os.getpid(), signal.SIGHUP)
        assert interruption.wait(PATIENCE)
    assert interruption.name == "SIGHUP"
    assert interruption.untold == "OSError: the terminal is gone"
