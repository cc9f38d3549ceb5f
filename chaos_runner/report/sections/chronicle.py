"""What happened, line by line."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.chronicle_table import chronicle_rows


class Chronicle(Section):
    """A line an event; the same event of many hosts is one line."""

    name = "chronicle"
    title = "What happened, line by line"
    is_folded = True

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the lines."""
        return {"lines": chronicle_rows(subject.story)}
