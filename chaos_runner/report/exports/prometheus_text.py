"""Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isinf
from typing import Literal

from chaos_runner.report.exports.plain import LONGEST_LINE, plain

Sample = tuple[Mapping[str, str], float]
"""Labels, and a value."""
MetricType = Literal["gauge", "counter"]


def metric_text(
    name: str, meaning: str, samples: Iterable[Sample], kind: MetricType = "gauge"
) -> Iterator[str]:
    """Yield the lines of a metric; none where it has no sample. A line that is twice is once."""
    lines = [f"{name}{_labels(labels)} {_number(value)}\n" for labels, value in samples]
    if lines:
        yield f"# HELP {name} {meaning}\n"
        yield f"# TYPE {name} {kind}\n"
        yield from dict.fromkeys(lines)


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    text = plain(value[:LONGEST_LINE]).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n")


def _number(value: float) -> str:
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
