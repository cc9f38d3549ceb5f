"""What a fault's script read, decoded as a run decodes it."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_runner.measurements.reading import SAID, Reading, decoded


def readings_of(answer: Mapping[str, object]) -> dict[str, Reading]:
    """Return them by their names; each line of a role has to be one."""
    lines = answer["readings"]
    read = decoded(lines)
    assert isinstance(read, tuple)
    readings = {each.name: each for each in read if isinstance(each, Reading)}
    assert SAID not in readings, lines
    return readings
