"""Watch what reading an input does beside it: files, programs, connections, memory, time."""

from __future__ import annotations

import resource
import sys
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import chaos_runner

_WATCHED = (
    "open", "os.", "shutil.", "subprocess.", "socket.", "exec", "import", "ctypes.", "pty.",
    "tempfile.", "urllib.", "http.", "ssl.", "signal.", "mmap.", "marshal.", "pickle.",
)  # fmt: skip
_HARMLESS = ("os.listdir", "os.scandir", "exec", "import", "marshal.")
"""What importing one of the package's own modules does, which is told apart by what it opens."""
_OWN = (str(Path(chaos_runner.__file__).parent), sys.prefix, sys.base_prefix, *zoneinfo.TZPATH)

MOST_SECONDS = 60.0
"""Of processor time for one input; other programs' load does not count."""
MOST_MEMORY = 512 * 1024
"""KiB by which the process may grow over all inputs."""


class _Watch:
    def __init__(self) -> None:
        self.seen: list[str] | None = None
        """What happened, while somebody wants to know; an audit hook is for ever."""

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.seen is None or not event.startswith(_WATCHED) or event.startswith(_HARMLESS):
            return
        if event == "open" and isinstance(arguments[0], int):
            return  # a descriptor: that it was opened was seen already
        if event == "open" and str(arguments[0]).startswith(_OWN) and _is_reading(arguments):
            return
        self.seen.append(f"{event}{arguments!r}"[:200])


def _is_reading(arguments: tuple[object, ...]) -> bool:
    return len(arguments) < 2 or arguments[1] in (None, "r", "rb")


_WATCH = _Watch()
sys.addaudithook(_WATCH.note)


@contextmanager
def nothing_beyond() -> Iterator[None]:
    """Fail when anything is opened, started, sent or changed, or takes beyond all measure."""
    seen: list[str] = []
    _WATCH.seen = seen
    began, memory = time.process_time(), _peak()
    try:
        yield
    finally:
        _WATCH.seen = None
    assert seen == [], f"it reached beyond itself: {seen[:3]}"
    assert time.process_time() - began < MOST_SECONDS, "it takes long"
    assert _peak() - memory < MOST_MEMORY, "it takes much memory"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
