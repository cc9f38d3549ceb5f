"""Tables of figures that stand side by side, each with what to know about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One figure in words."""

    text: str
    note: str = ""
    level: str = ""
    """`bad` or `doubtful` where it is not as it should be, or not known for sure."""


@dataclass(frozen=True)
class Row:
    """One figure's name, how it is counted, and a cell for each heading."""

    name: str
    counted: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Figures; `corner` stands above the names of the rows."""

    corner: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
