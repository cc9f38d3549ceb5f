"""One kind of input, what reads it, and how many inputs are tried."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from chaos_runner.errors import ChaosRunnerError
from tests.unit.fuzz.nothing_beyond import nothing_beyond

LONGEST_MESSAGE = 4000


@dataclass(frozen=True)
class Fuzzer:
    """One kind of input and its reader, which raises AssertionError where something is wrong."""

    name: str
    make: Callable[[Random], Any]
    read: Callable[[Any], None]


def run(fuzzer: Fuzzer, inputs: int, seed: int = 0) -> None:
    """Try so many inputs, each of a seed of its own; raises what one of them led to, with it."""
    for number in range(seed, seed + inputs):
        value = fuzzer.make(Random(number))
        try:
            with nothing_beyond():
                fuzzer.read(value)
        except BaseException as error:
            error.add_note(f"{fuzzer.name}, --seed {number}: {value!r:.2000}")
            raise


def in_one_sentence(error: ChaosRunnerError) -> None:
    """Fail where an error says nothing, or too much."""
    assert error.message.strip()
    assert len(error.message) < LONGEST_MESSAGE


def in_printable_lines(message: str) -> None:
    """Fail where a message could paint a terminal, or has no end."""
    assert all(line.isprintable() for line in message.split("\n")), message
    assert len(message) < 400_000


def without_markup(page: str, *, markdown: bool = False) -> None:
    """Fail where a page has elements of the input's, or one of Markdown links of the input's."""
    assert "<script" not in page and "<img" not in page
    assert not markdown or not re.search(r"(?<!\\)\]\(javascript", page)
