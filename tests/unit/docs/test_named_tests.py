"""A page that names a test as its witness names one that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.examples import ROOT, pages

_NAMED = re.compile(r"`((?:tests/)?[\w/]*test_\w+(?:\.py)?|tests/[\w/]+)`")
TESTS = ROOT / "tests"
FILES = {file.name for file in TESTS.rglob("test_*.py")}
FUNCTIONS = {
    name
    for file in TESTS.rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
}
NAMED = [
    (page.relative_to(ROOT).as_posix(), found)
    for page in pages()
    for found in dict.fromkeys(_NAMED.findall(page.read_text(encoding="utf-8")))
]


def exists(named: str) -> bool:
    """Tell whether a path, a file's name alone, or the name of a test is there."""
    if "/" in named:
        return (ROOT / named).exists()
    return named in (FILES if Path(named).suffix else FUNCTIONS)


@pytest.mark.parametrize(("page", "named"), NAMED)
def test_a_named_test_is_there(page: str, named: str) -> None:
    assert exists(named), page


def test_there_are_witnesses_and_a_false_one_is_noticed() -> None:
    witnessed = {page for page, _ in NAMED}
    concepts = {f"docs/concepts/{name}.md" for name in ("safety", "evidence", "security")}
    assert concepts <= witnessed
    for named in ("tests/unit/execution/test_nothing.py", "test_nothing.py", "test_nothing_at_all"):
        assert not exists(named)
