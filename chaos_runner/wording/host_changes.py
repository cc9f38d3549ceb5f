"""In what a host is not as it was although no fault of ours is left on it, in words."""

from __future__ import annotations

from chaos_runner.journal.events import HostChanged
from chaos_runner.wording.readings import readings_words

MOST_LINES = 10
"""Lines that are named of what others changed on a host; what was accepted is named in full."""


def host_change_words(changed: HostChanged) -> str:
    """Write what changed, by whom or after which fault."""
    match changed.what:
        case "changed_by_others":
            lines = "; ".join(changed.lines[:MOST_LINES])
            return f"changed meanwhile, and not by chaos-runner: {lines}"
        case "accepted":
            return f"accepted as it is now after {changed.kind}: {'; '.join(changed.lines)}"
        case "path_not_back":
            path = readings_words(changed.readings)
            return f"{changed.kind} is taken back, but its path is not as before: {path}"
