"""Put the chronicle into lines: what the same moment brought to many hosts is one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from chaos_runner.report.story.formatting import names
from chaos_runner.report.story.model import Entry, Level, RunStory

ALIKE_WITHIN = 10.0
"""Seconds within which the same event of several hosts is one line."""
FEW = 6
"""Up to so many hosts, each has a line of its own."""


@dataclass(frozen=True)
class ChronicleRow:
    """One line: when, how bad, which hosts, what."""

    elapsed: float
    level: Level
    hosts: str
    text: str


def chronicle_rows(story: RunStory) -> tuple[ChronicleRow, ...]:
    """Return the lines in order of time."""
    rows: list[ChronicleRow] = []
    for alike in _groups(story):
        hosts = list(dict.fromkeys(entry.host for entry in alike))
        if len(hosts) > FEW:
            first = alike[0]
            rows.append(ChronicleRow(first.elapsed, first.level, names(hosts, 3), first.line))
        else:
            rows += [ChronicleRow(each.elapsed, each.level, each.host, each.line) for each in alike]
    return tuple(sorted(rows, key=lambda row: row.elapsed))


def _groups(story: RunStory) -> list[list[Entry]]:
    """Return entries that say the same of hosts at about the same time, any other alone."""

    def alike(entry: Entry) -> tuple[str, str, str, int]:
        return (entry.event, entry.level, entry.line, int(entry.elapsed // ALIKE_WITHIN))

    on_hosts = sorted((entry for entry in story.chronicle if entry.host), key=alike)
    groups = [list(group) for _, group in groupby(on_hosts, key=alike)]
    return [*groups, *([entry] for entry in story.chronicle if not entry.host)]
