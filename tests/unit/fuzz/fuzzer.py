"""One kind of input, what reads it, and how many inputs are tried."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos_runner.errors import ChaosRunnerError
from tests.unit.fuzz.nothing_beyond import nothing_beyond

LONGEST_MESSAGE = 4000


@dataclass(frozen=True)
class Fuzzer:
    """One kind of input and its reader, which raises AssertionError where something is wrong."""

    name: str
    inputs: st.SearchStrategy[Any]
    read: Callable[[Any], None]


def run(fuzzer: Fuzzer, examples: int) -> int:
    """Try so many inputs and return how many were; raises what one of them led to."""
    tried = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(fuzzer.inputs)
    def once(value: Any) -> None:
        nonlocal tried
        tried += 1
        with nothing_beyond():
            fuzzer.read(value)

    once()
    return tried


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
