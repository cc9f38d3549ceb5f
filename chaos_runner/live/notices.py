"""Count notices that come again and again, so that each is printed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chaos_runner.journal.events import Notice
from chaos_runner.wording.notices import notice_words

SHOWN = 3
"""Repeated notices that stand in the panel, the newest first."""

_Kind = tuple[str, str, str]


@dataclass(frozen=True)
class Repeated:
    """A notice that came more than once; `text` is the newest, `last` by the clock here."""

    text: str
    host: str
    times: int
    last: datetime


class LiveNotices:
    """Notices as they come, of which those that are alike are one with a count."""

    def __init__(self) -> None:
        self._times: dict[_Kind, int] = {}
        self._repeated: dict[_Kind, Repeated] = {}

    def is_new(self, notice: Notice) -> bool:
        """Tell whether none that is alike was taken yet."""
        return notice.alike not in self._times

    def take(self, notice: Notice) -> None:
        """Count a notice."""
        kind = notice.alike
        earlier = self._times.get(kind, 0)
        times = self._times[kind] = earlier + 1 + notice.held_back
        if not earlier:
            return
        self._repeated.pop(kind, None)  # so that the newest comes last
        self._repeated[kind] = Repeated(
            notice_words(notice), notice.host or "", times, notice.at.astimezone()
        )

    def repeated(self) -> Iterator[Repeated]:
        """Yield the newest of those that came again, at most `SHOWN`."""
        return islice(reversed(self._repeated.values()), SHOWN)
