"""How long it took until it was noticed, failed over and recovered."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.time_table import GOOD_AGAIN, time_table


class Times(Section):
    """What clients saw beside what the cluster told."""

    name = "times"
    title = "How long it took"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether there are times."""
        view = subject.story.clients
        return view is not None and time_table(view) is not None

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the table."""
        view = subject.story.clients
        return {"view": view, "times": time_table(view) if view else None, "good_again": GOOD_AGAIN}
