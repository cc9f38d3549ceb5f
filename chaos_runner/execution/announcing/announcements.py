"""What a run tells people while it goes on: its start, a safeguard that trips, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_runner.closing import Closing
from chaos_runner.journal.events import (
    Event,
    Notice,
    RunFinished,
    RunStarted,
    SafeguardTripped,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.notify.notifier import Notifier
from chaos_runner.notify.receivers import Receiver
from chaos_runner.wording.messages import end_message, safeguard_message, start_message


class RunAnnouncements(Closing):
    """An observer of a run's journal that tells its receivers; runs without faults it leaves out.

    A receiver that fails is named in the journal once; after the run's end, to `warn`.
    """

    def __init__(self, receivers: Sequence[Receiver], warn: Callable[[str], None]) -> None:
        self._notifier = Notifier(receivers, self._note)
        self._warn = warn
        self._journal: Journal | None = None
        self._run: RunStarted | None = None

    def write_into(self, journal: Journal) -> None:
        """Note failures in this journal until the run's end."""
        self._journal = journal

    def observe(self, event: Event) -> None:
        """Begin to tell what an event means for people; takes no time."""
        match event:
            case RunStarted() if event.faults:
                self._run = event
                self._notifier.tell(start_message(event))
            case SafeguardTripped() if self._run is not None:
                self._notifier.tell(safeguard_message(self._run, event))
            case RunFinished():
                self._journal = None  # nothing stands behind the end
                if self._run is not None:
                    self._notifier.tell(end_message(self._run, event))

    def close(self) -> None:
        """Wait a few seconds for what is on its way."""
        self._notifier.close()

    def _note(self, text: str) -> None:
        journal = self._journal
        if journal is None:
            self._warn(text)
            return
        try:
            journal.write(Notice(level="warning", source="notify", message=text))
        except (OSError, ValueError):  # a full disk, or the run ended just now
            self._warn(text)


def no_announcements() -> RunAnnouncements:
    """Return what tells nobody."""
    return RunAnnouncements((), lambda _: None)
