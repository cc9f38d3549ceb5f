"""Commands that people are shown: whoever copies one runs that command alone."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaos_runner
from chaos_runner.errors import UsageError
from chaos_runner.journal.reader import parse_journal
from chaos_runner.shown import as_argument, shown_line
from tests.unit.report import journals

PACKAGE = Path(chaos_runner.__file__).parent
COMMAND = re.compile(r"(^|`|: )(chaos-runner|chmod|chown|ssh-keygen|rm)( [^`;: ]+)+ $")


@given(st.text())
def test_a_text_is_one_argument(text: str) -> None:
    assert shlex.split(as_argument(text)) == [shown_line(text)]


def interpolated() -> Iterator[tuple[str, str]]:
    """Yield each value that stands in a command of a message, with its place."""
    for file in PACKAGE.rglob("*.py"):
        if "lab" in file.parts:
            continue  # names of labs and of their hosts are checked
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                for before, value in zip(node.values, node.values[1:], strict=False):
                    text = before.value if isinstance(before, ast.Constant) else ""
                    if isinstance(value, ast.FormattedValue) and COMMAND.search(str(text)):
                        where = f"{file.relative_to(PACKAGE)}:{node.lineno}"
                        yield where, ast.unparse(value.value)


def test_every_text_in_a_command_is_an_argument() -> None:
    found = list(interpolated())
    assert len(found) > 10
    wrong = [each for each in found if not each[1].startswith(("as_argument(", "shlex."))]
    assert wrong == []


def test_a_run_of_a_strangers_journal_that_is_no_name_of_a_run_is_refused() -> None:
    first, *others = journals.hostile().content.splitlines()
    start = {**json.loads(first), "run": "x;$(id)`id`"}
    content = b"\n".join([json.dumps(start).encode(), *others]) + b"\n"
    with pytest.raises(UsageError, match=r"run_started\.run"):
        parse_journal(content, "journal.jsonl")
