"""What a look at a fault read, in words: `198.18.0.1: round trip 101.3 ms (0.4 ms before)`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from chaos_runner.measurements.reading import SAID, NetworkPath, Reading, Unit

_ATTACHED = {"count": "", "%": "%", "/s": "/s"}
"""Units that follow the number without a space."""


def readings_words(readings: Iterable[Reading]) -> str:
    """Write all of a look: what is about the same thing follows it, and lines stand as said."""
    return "; ".join(
        about + ": " * bool(about) + ", ".join(map(_words, those))
        for about, those in groupby(readings, _about)
    )


def _about(reading: Reading) -> str:
    if reading.name == SAID:
        return ""
    return " ".join(filter(None, (reading.of, _path_words(reading.path))))


def _words(reading: Reading) -> str:
    if reading.name == SAID:
        return reading.of
    label = reading.name.replace("_", " ")
    read = reading.state.replace("_", " ")
    if reading.value is not None:
        read = _figure(reading.value, reading.unit)
    beside = ((reading.asked, "asked"), (reading.before, "before"))
    notes = [f"{_figure(each, reading.unit)} {word}" for each, word in beside if each is not None]
    return f"{label} {read}" + (f" ({', '.join(notes)})" if notes else "")


def _path_words(path: NetworkPath | None) -> str:
    if path is None:
        return ""
    to = path.destination
    if path.port is not None:
        to = f"[{to}]:{path.port}" if ":" in to else f"{to}:{path.port}"
    way = f"{path.source} to {to}" if path.source else to
    by = f"by {path.interface.replace(',', ' and ')}" if path.interface else ""
    return " ".join(filter(None, (way, by)))


def _figure(value: float, unit: Unit) -> str:
    """Write it with at most three decimals; a small one that is not 0 keeps three digits."""
    text = f"{value:,.0f}" if value == round(value) else f"{round(value, 3):,}"
    if value and not round(value, 3):
        text = f"{value:.3g}"
    return text + _ATTACHED.get(unit, f" {unit}")
