"""Find the examples in the project's pages: fenced and indented blocks, and commands in prose."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n|:\n|\n)((?:    .*\n|\n(?=    ))+)")
_INLINE = re.compile(r"`(?:\S*/)?(chaos-runner [^`\n]*)`")
_COMMAND = re.compile(r"^(?:\$ |sudo |\S*/)?(chaos-runner .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One example: its page with the line, its language where it is named, its text."""

    where: str
    language: str
    text: str

    def __str__(self) -> str:
        return self.where


def pages() -> list[Path]:
    """Return every page of the project that is under version control, or is about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in sorted(set(listed.split())) if (ROOT / name).is_file()]


def blocks() -> list[Example]:
    """Return the blocks of every page."""
    return [block for page in pages() for block in _blocks_of(page)]


def commands() -> list[Example]:
    """Return every call of `chaos-runner` that a page shows, in blocks and in prose."""
    return [command for page in pages() for command in _commands_of(page)]


def _blocks_of(page: Path) -> Iterator[Example]:
    text = page.read_text(encoding="utf-8")
    for fenced in _FENCE.finditer(text):
        yield Example(_where(page, text, fenced.start()), fenced[2], fenced[3])
    rest = _without_fences(text)
    for indented in _INDENTED.finditer(rest):
        body = re.sub("^    ", "", indented[1], flags=re.MULTILINE)
        yield Example(_where(page, rest, indented.start(1)), "", body)


def _commands_of(page: Path) -> Iterator[Example]:
    for block in _blocks_of(page):
        for found in _COMMAND.finditer(block.text):
            yield Example(block.where, "sh", found[1])
    prose = _without_fences(page.read_text(encoding="utf-8"))
    for found in _INLINE.finditer(prose):
        yield Example(_where(page, prose, found.start()), "prose", found[1])


def _without_fences(text: str) -> str:
    """Blank the fenced blocks out, so that lines keep their numbers."""
    return _FENCE.sub(lambda fenced: "\n" * fenced[0].count("\n"), text)


def _where(page: Path, text: str, start: int) -> str:
    return f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, start) + 1}"
