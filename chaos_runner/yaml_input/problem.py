"""One mistake in a file: where it is, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from chaos_runner.units import printable

KeyPath = tuple[str | int, ...]
"""The way to a value through mappings and lists, e.g. `("faults", 0, "duration")`."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake; `line` counts from 1, `key` is the path as text, "" for the file."""

    line: int
    key: str
    text: str

    def in_file(self, file: Path) -> str:
        """Return the mistake as the one line that editors and people can follow."""
        where = f"{printable(str(file), limit=4096)}:{self.line}"
        return f"{where}: {self.key}: {self.text}" if self.key else f"{where}: {self.text}"


def key_text(path: KeyPath) -> str:
    """Return a path as text, e.g. `faults[0].network_latency.delay`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + printable(part)
    return text


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?` for the nearest known word, or nothing."""
    near = nearest(written, known)
    return f"; did you mean `{near}`?" if near else ""


def nearest(written: str, known: Iterable[str]) -> str | None:
    """Return the known word that a misspelt one resembles most, or None."""
    near = get_close_matches(written.replace("-", "_").lower(), list(known), n=1, cutoff=0.6)
    return near[0] if near else None
