"""Pages are short, and written one line a paragraph with blank lines around lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.docs.examples import ROOT

WORDS = 1600  # "about 1,500"
LONGER = {
    "docs/design.md",  # the contract, in one piece
    "docs/reference/faults.md",  # every fault kind, made from their classes
}
PAGES = [
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("roles/*/README.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
]

_GENERATED = re.compile(r"<!-- [\w ]+: begin -->.*?<!-- [\w ]+: end -->", re.DOTALL)
_FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"\s*(?:- |\d+\. )")

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def text_of(page: Path) -> str:
    """Return what people wrote of a page."""
    return _GENERATED.sub("", page.read_text(encoding="utf-8"))


@every_page
def test_a_page_is_short(page: Path) -> None:
    if page.relative_to(ROOT).as_posix() not in LONGER:
        words = [one for one in text_of(page).split() if any(map(str.isalnum, one))]
        assert len(words) <= WORDS


@every_page
def test_a_paragraph_is_one_line(page: Path) -> None:
    assert list(wrapped(text_of(page))) == []


def wrapped(text: str) -> Iterator[str]:
    """Yield each line that goes on a paragraph, or a list or table without a blank line before."""
    lines = _FENCE.sub("```", text).splitlines()
    for before, line in pairwise(lines):
        if sort_of(before) != "blank" and sort_of(line) != "blank":
            same = sort_of(before) == sort_of(line) != "prose"
            if not same and not before.startswith("#"):
                yield line


def sort_of(line: str) -> str:
    """Name what a line is: blank, table, item, code or prose."""
    if not line.strip() or line.startswith("<!--"):
        return "blank"
    if line.startswith("|"):
        return "table"
    if line.startswith("    "):
        return "code"
    return "item" if _ITEM.match(line) else "prose"


@pytest.mark.parametrize(
    "text",
    ["one\ntwo\n", "one:\n- two\n", "one\n| two |\n", "- one\n  two\n", "one\n```\nx\n```\n"],
)
def test_a_wrapped_paragraph_is_noticed(text: str) -> None:
    assert list(wrapped(text))
