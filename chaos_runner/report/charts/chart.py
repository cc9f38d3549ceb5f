"""What a template needs to know to write a chart as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.report.charts.tooltips import Tip


@dataclass(frozen=True)
class Tick:
    """A label of the value axis, pixels from the top."""

    pixel: float
    label: str


@dataclass(frozen=True)
class Line:
    """One curve; `style` names its colour and dashes in the style sheet."""

    name: str
    style: str
    path: str
    area: str = ""
    note: str = ""
    """What the legend adds to the name."""


@dataclass(frozen=True)
class Chart:
    """One chart, ready to be written as SVG."""

    key: str
    title: str
    unit: str
    description: str
    """What the chart shows, for those who cannot see it."""
    height: float
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    tips: tuple[Tip, ...]
    quiet: str = ""
    """What to say in the middle when every value is zero."""
